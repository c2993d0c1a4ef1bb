import type { SecretKeyRef } from '../api/reference.ts'
import { MEMBERS, type Member, type SinkType } from '../api/sink-configuration.ts'
import { sinkTypeOf, type SinkSpec } from '../api/sink.ts'
import { causeOf } from '../api/value-rule.ts'
import { fingerprints, type Fingerprints } from '../external/external-sink.ts'

/** What Twilio should hold, as far as it can be known. */
export interface DesiredSink {
  readonly sinkType: SinkType
  /** The user's text, without mark. */
  readonly description: string
  /** The members whose values are known, as opaque digests; also a malformed one, which is compared and never sent. */
  readonly configuration: Fingerprints
  /** Which members come from Secrets. */
  readonly fromSecret: readonly string[]
  /** What keeps the configuration from being complete and well-formed. */
  readonly problem: DesiredProblem | undefined
}

export interface DesiredProblem {
  readonly kind: 'missing' | 'malformed'
  /** For people; names Secret and key, never a value. */
  readonly message: string
}

/** The values themselves, for the one moment of the POST. Secret as a whole. */
export type Configuration = Readonly<Record<string, unknown>>

export interface Desired {
  readonly sink: DesiredSink
  readonly configuration: Configuration
}

/** The Secrets of the object's namespace that could be read, by name; undefined for one that does not exist. */
export type Secrets = (name: string) => ReadonlyMap<string, string> | undefined

/** The names of the Secrets that the spec takes values from. */
export function secretsOf(spec: SinkSpec): string[] {
  return givenMembers(spec).flatMap(({ ref }) => ref?.name ?? [])
}

export function desiredSink(spec: SinkSpec, secrets: Secrets): Desired {
  const members = givenMembers(spec).map((given) => ({ ...given, ...resolve(given, secrets) }))
  const known = members.filter(({ value }) => value !== undefined)
  return {
    configuration: configurationOf(known.filter(({ problem }) => problem === undefined)),
    sink: {
      sinkType: sinkTypeOf(spec),
      description: spec.description.trim(),
      configuration: fingerprints(configurationOf(known)),
      fromSecret: members.filter(({ ref }) => ref !== undefined).map(({ member }) => member.twilioName),
      problem: members.find(({ problem }) => problem !== undefined)?.problem,
    },
  }
}

/** What the spec says of one member. */
interface Given {
  readonly member: Member
  readonly literal: unknown
  readonly ref: SecretKeyRef | undefined
}

type Section = Readonly<Record<string, string | boolean | SecretKeyRef | undefined>>

/** Of the spec's type. Secret values come last: the journal holds a digest of them all in this order. */
function givenMembers(spec: SinkSpec): Given[] {
  const type = sinkTypeOf(spec)
  const section: Section = spec[type] ?? {}
  const given = MEMBERS[type].map((member) => {
    const ref = member.secretRef === undefined ? undefined : section[member.secretRef]
    return { member, literal: section[member.name], ref: typeof ref === 'object' ? ref : undefined }
  })
  const mayBeSecret = ({ member: { secretRef } }: Given): boolean => secretRef !== undefined
  return [...given.filter((one) => !mayBeSecret(one)), ...given.filter(mayBeSecret)]
}

const configurationOf = (members: readonly (Given & Value)[]): Configuration =>
  Object.fromEntries(members.map(({ member, value }) => [member.twilioName, value]))

interface Value {
  readonly value?: unknown
  readonly problem?: DesiredProblem
}

function resolve({ member, literal, ref }: Given, secrets: Secrets): Value {
  if (ref === undefined) return { value: literal }
  const values = secrets(ref.name)
  if (values === undefined) {
    return missing(`Secret ${ref.name} does not exist in this namespace: create it with the key ${ref.key}`)
  }
  const value = values.get(ref.key)
  if (value === undefined || value === '') {
    return missing(`Secret ${ref.name} has no value under the key ${ref.key}: add it`)
  }
  const wrong = 'format' in member ? causeOf(value, member.format) : undefined
  if (wrong === undefined) return { value }
  // It is sent to nobody; a sink that was made by hand may have it all the same.
  return {
    value,
    problem: {
      kind: 'malformed',
      message: `the value of key ${ref.key} in Secret ${ref.name} ${lowerFirst(wrong)}`,
    },
  }
}

const missing = (message: string) => ({ problem: { kind: 'missing', message } as const })

const lowerFirst = (text: string) => (text.startsWith('must') ? text : `cannot be used: ${text}`)
