import { MEMBERS, SINK_TYPES, type Member } from '../../../api/sink-configuration.ts'
import { problemOf } from '../../../api/value-rule.ts'
import { type ClearSink, fingerprints } from '../../../external/external-sink.ts'

/** A `SecretKeyRef`. */
export interface Place {
  readonly name: string
  readonly key: string
}

/** A value that belongs into a Secret, and what is to be said about it. */
export interface ExportedSecret {
  readonly place: Place
  /** Undefined: Twilio does not show it, so a person must put it into the Secret. */
  readonly value: string | undefined
  readonly remark: string | undefined
}

export interface ExportedConfiguration {
  /** `webhook`, `kinesis` or `segment`, and what stands below it. */
  readonly spec: Readonly<Record<string, unknown>>
  readonly secrets: readonly ExportedSecret[]
}

/** Why there can be no Sink of this configuration. Names members, never values. */
export class NotExpressible extends Error {
  override readonly name = 'NotExpressible'
}

/** Where the secret value of a member of the spec belongs. */
type PlaceFor = (member: string) => Place

/** Throws {@link NotExpressible}. */
export function exportedConfiguration(
  { sinkType, configuration }: ClearSink,
  placeFor: PlaceFor,
): ExportedConfiguration {
  const type = SINK_TYPES.find((known) => known === sinkType)
  if (type === undefined)
    throw new NotExpressible(
      `its type ${JSON.stringify(sinkType.slice(0, 40))} is not one that a Sink can have`,
    )
  const members = MEMBERS[type].map((member) =>
    exportedMember(member, configuration[member.twilioName] ?? '', placeFor),
  )
  return {
    spec: {
      [type]: Object.fromEntries(members.flatMap(({ entry }) => (entry === undefined ? [] : [entry]))),
    },
    secrets: members.flatMap(({ secret }) => secret ?? []),
  }
}

interface ExportedMember {
  /** Of the spec. Undefined: it is the default. */
  readonly entry: readonly [name: string, value: unknown] | undefined
  readonly secret?: ExportedSecret
}

/** `value` is empty where Twilio shows none. */
function exportedMember(member: Member, value: unknown, placeFor: PlaceFor): ExportedMember {
  const { name } = member
  if (member.kind === 'word') {
    const word = wordOf(member, value)
    return { entry: word === member.words[0] ? undefined : [name, word] }
  }
  if (member.kind === 'flag') return { entry: flagOf(member, value) ? [name, true] : undefined }
  const text = shownText(member, value)
  const problem = text === undefined ? undefined : problemOf(text, member.format)
  if (member.secretRef === undefined) {
    if (text !== undefined && problem === undefined) return { entry: [name, text] }
    throw new NotExpressible(`its ${member.twilioName} ${member.format.patterns[0]?.message ?? ''}`)
  }
  // The API server refuses others, but an existing sink may have one: it is imported all the same by way of the Secret.
  if (member.kind === 'url' && text !== undefined && problem === undefined && !mayHoldSecret(text))
    return { entry: [name, text] }
  const place = placeFor(name)
  return {
    entry: [member.secretRef, place],
    secret: { place, value: text, remark: remarkOn(member, place, { text, problem }) },
  }
}

function wordOf(
  { words, twilioName }: Extract<Member, { kind: 'word' }>,
  value: unknown,
): string | undefined {
  if (value === '') return words[0]
  const written = typeof value === 'string' ? value.toLowerCase() : undefined
  const word = words.find((known) => known.toLowerCase() === written)
  if (word === undefined) throw new NotExpressible(`its ${twilioName} is neither ${words.join(' nor ')}`)
  return word
}

function flagOf({ twilioName }: Member, value: unknown): boolean {
  if (value === '' || value === false || value === 'false') return false
  if (value === true || value === 'true') return true
  throw new NotExpressible(`its ${twilioName} is neither true nor false`)
}

/** What Twilio does not show whole is no value: it answers nothing, or asterisks. */
function shownText({ twilioName }: Member, value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return fingerprints({ [twilioName]: value })[twilioName] === null ? undefined : value
}

/** User info is a password, and what follows a question mark may be one; so may be a path that is not plain words. */
function mayHoldSecret(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return true
  return !url.pathname.split('/').every((segment) => segment === '' || PLAIN_SEGMENT.test(segment))
}

/** A few words, or a version. What has other digits, capitals or long rows of letters may be a token. */
const PLAIN_SEGMENT = /^(?:[a-z]{1,14}(?:[._-][a-z]{1,14}){0,3}|v[0-9]{1,2})$/u

function remarkOn(
  { twilioName }: Member,
  { name, key }: Place,
  shown: { readonly text: string | undefined; readonly problem: string | undefined },
): string | undefined {
  const what = twilioName.replaceAll('_', ' ')
  if (shown.text === undefined)
    return `Twilio does not show the ${what}: put it under the key ${key} of the Secret ${name}; until then it is not compared`
  return shown.problem === undefined ? undefined : `about the ${what}: ${shown.problem}`
}
