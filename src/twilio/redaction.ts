/** Replaces every secret in a text. */
export type Redact = (text: string) => string

const REDACTED = '[redacted]'

/** Shorter secrets are replaced only where they stand alone: else one letter would blank every message. */
const SHORTEST_ANYWHERE = 4

/**
 * Replaces the secrets also in the forms in which they could come back: percent-encoded, as form data, inside JSON
 * text and in base64. Letters match in either case, and every URL but Twilio's own goes too, because Twilio may have
 * rewritten the one it was sent.
 */
export function createRedaction(secrets: readonly string[]): Redact {
  const forms = new Set(secrets.filter((secret) => secret.trim() !== '').flatMap(formsOf))
  const longestFirst = [...forms].sort((a, b) => b.length - a.length).map(patternOf)
  const known = longestFirst.length === 0 ? undefined : new RegExp(longestFirst.join('|'), 'giu')
  const withoutKnown: Redact = (text) => (known === undefined ? text : text.replace(known, REDACTED))
  return (text) => withoutUrls(withoutKnown(withoutControls(withoutKnown(text))))
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
    base64.replace(/=+$/u, ''),
    encoded.toString('base64url'),
  ].filter((text) => text.trim() !== '')
}

function patternOf(text: string): string {
  const exact = text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`)
  return text.length >= SHORTEST_ANYWHERE ? exact : `(?<![\\p{L}\\p{N}])${exact}(?![\\p{L}\\p{N}])`
}

/** A message becomes one line of a log and of a table: no line breaks, no invisible characters. */
function withoutControls(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
}

function withoutUrls(text: string): string {
  return text.replaceAll(/[a-z][a-z0-9+.-]*(?::\/\/|%3a%2f%2f)[^\s"'<>]+/giu, (url) =>
    /^https:\/\/www\.twilio\.com(\/[\w./-]*)?$/iu.test(url) ? url : REDACTED,
  )
}
