import { REDACTED, withoutControls, withoutUrls } from './shown-text.ts'

/** Replaces every secret in a text. MUST NOT throw: what Twilio has refused would otherwise look unanswered. */
export type Redact = (text: string) => string

/** Shorter secrets are replaced only where they stand alone: else one letter would blank every message. */
const SHORTEST_ANYWHERE = 4
/** Of a secret every piece of this length is replaced, wherever it was cut off. */
const PIECE = 8
/** No more of a text is looked at: people read the beginning of a message. */
const LONGEST_TEXT = 8_192

/**
 * Replaces the secrets also in the forms in which they could come back: percent-encoded, as form data, inside JSON
 * text, in base64 and in hexadecimal; and each piece of them that is long enough, since Twilio may cut what it quotes.
 * Letters match in either case, and every URL but Twilio's own goes too, because Twilio may have rewritten the one it
 * was sent.
 *
 * Takes a time that grows with the length of the secrets and no faster: no pattern is made of them.
 */
export function createRedaction(secrets: readonly string[]): Redact {
  const forms = [...new Set(secrets.filter((secret) => secret.trim() !== '').flatMap(formsOf))].map(folded)
  const withoutKnown: Redact = (text) => withoutMarked(text, marksOf(text, forms))
  return (text) => withoutUrls(withoutKnown(withoutControls(withoutKnown(beginningOf(text)))))
}

/** What is cut off may have been the rest of a secret, whose beginning nobody would know any more. */
function beginningOf(text: string): string {
  if (text.length <= LONGEST_TEXT) return text
  return text.slice(0, LONGEST_TEXT - PIECE + 1)
}

function formsOf(secret: string): readonly string[] {
  const wellFormed = secret.toWellFormed()
  const form = new URLSearchParams({ '': wellFormed }).toString().slice(1)
  const json = JSON.stringify(secret).slice(1, -1)
  const encoded = Buffer.from(wellFormed)
  const base64 = encoded.toString('base64')
  return [
    secret,
    withoutControls(secret),
    encodeURIComponent(wellFormed),
    encodeURI(wellFormed),
    form,
    json,
    encodeURIComponent(json.toWellFormed()),
    base64,
    base64.slice(0, Math.ceil((encoded.length * 4) / 3)),
    encoded.toString('base64url'),
    ...[1, 2].map((before) => base64Within(encoded, before)),
    encoded.toString('hex'),
  ].filter((text) => text.trim() !== '')
}

/** In the base64 of something longer; what also depends on the bytes around it is left out. */
function base64Within(bytes: Buffer, before: number): string {
  const base64 = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
  return base64.slice(4, Math.floor(((before + bytes.length) * 4) / 3))
}

/** For each UTF-16 unit of the text whether it belongs to a secret. `forms` are folded. */
function marksOf(text: string, forms: readonly string[]): Uint8Array {
  const marks = new Uint8Array(text.length)
  const content = folded(text)
  for (const form of forms) if (form.length < PIECE) markShort(marks, content, form)
  markPieces(
    marks,
    content,
    forms.filter((form) => form.length >= PIECE),
  )
  return marks
}

function markShort(marks: Uint8Array, text: string, form: string): void {
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
    const end = at + form.length
    if (form.length >= SHORTEST_ANYWHERE || standsAlone(text, at, end)) marks.fill(1, at, end)
  }
}

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u

/** A letter may be two units: of one behind the place the whole is looked at, of one before it the last two units. */
function standsAlone(text: string, at: number, end: number): boolean {
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? ''
  const behind = String.fromCodePoint(text.codePointAt(end) ?? 0)
  return !LETTER_OR_DIGIT.test(before) && !LETTER_OR_DIGIT.test(behind)
}

/**
 * Marks each piece of the text that is also a piece of a form. The text is short, so its pieces are remembered, and the
 * forms, whatever their length, are gone through once. A piece that was met is forgotten: nothing is marked twice.
 */
function markPieces(marks: Uint8Array, text: string, forms: readonly string[]): void {
  const places = new Map<number, number[]>()
  forEachPiece(text, (hash, at) => {
    const known = places.get(hash)
    if (known === undefined) places.set(hash, [at])
    else known.push(at)
  })
  for (const form of forms) {
    forEachPiece(form, (hash) => {
      const met = places.get(hash)
      if (met === undefined) return
      for (const at of met) marks.fill(1, at, at + PIECE)
      places.delete(hash)
    })
  }
}

const BASE = 16_777_619
const HIGHEST = Array.from({ length: PIECE }, () => BASE).reduce((product, one) => Math.imul(product, one), 1)

/** A rolling hash of each piece, and where it begins. Two pieces may share one: then a word too many is replaced. */
function forEachPiece(text: string, visit: (hash: number, at: number) => void): void {
  let hash = 0
  for (let end = 0; end < text.length; end += 1) {
    const left = end < PIECE ? 0 : Math.imul(text.charCodeAt(end - PIECE), HIGHEST)
    hash = (Math.imul(hash, BASE) + text.charCodeAt(end) - left) | 0
    if (end >= PIECE - 1) visit(hash, end - PIECE + 1)
  }
}

function withoutMarked(text: string, marks: Uint8Array): string {
  const kept: string[] = []
  let at = 0
  while (at < text.length) {
    const begin = marks.indexOf(1, at)
    kept.push(text.slice(at, begin === -1 ? undefined : begin))
    if (begin === -1) break
    kept.push(REDACTED)
    const end = marks.indexOf(0, begin)
    at = end === -1 ? text.length : end
  }
  return kept.join('')
}

/** Letters of either case as one, unit by unit, so that every place is the same in both texts. */
function folded(text: string): string {
  const whole = caseless(text)
  return whole.length === text.length ? whole : Array.from(text, foldedCharacter).join('')
}

/** The two small sigmas are one letter, and which of them is written depends on what stands around. */
const caseless = (text: string): string => text.toUpperCase().toLowerCase().replaceAll('ς', 'σ')

function foldedCharacter(character: string): string {
  const one = caseless(character)
  return one.length === character.length ? one : character
}
