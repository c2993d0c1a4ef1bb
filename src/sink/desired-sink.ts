import { DESTINATION_RULES } from '../api/destination.ts'
import { EXTERNAL_ID_RULES, WRITE_KEY_RULES } from '../api/identifier.ts'
import type { SecretKeyRef } from '../api/reference.ts'
import { sinkTypeOf, type SinkSpec } from '../api/sink.ts'
import type { SinkType } from '../api/sink-configuration.ts'
import { problemOf, type ValueRule } from '../api/value-rule.ts'
import { fingerprints, type Fingerprints } from './external-sink.ts'

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

interface SecretValue {
  readonly member: string
  readonly literal: string | undefined
  readonly ref: SecretKeyRef | undefined
  readonly rules: readonly ValueRule[]
}

/** The names of the Secrets that the spec takes values from. */
export function secretsOf(spec: SinkSpec): string[] {
  const { ref } = secretValueOf(spec)
  return ref === undefined ? [] : [ref.name]
}

export function desiredSink(spec: SinkSpec, secrets: Secrets): Desired {
  const secret = secretValueOf(spec)
  const { value, problem } = resolve(secret, secrets)
  const known = { ...plainMembers(spec), ...(value === undefined ? {} : { [secret.member]: value }) }
  return {
    configuration: problem === undefined ? known : plainMembers(spec),
    sink: {
      sinkType: sinkTypeOf(spec),
      description: spec.description.trim(),
      configuration: fingerprints(known),
      fromSecret: secret.ref === undefined ? [] : [secret.member],
      problem,
    },
  }
}

/** Each type has exactly one value that may come from a Secret. */
function secretValueOf({ webhook, kinesis, segment }: SinkSpec): SecretValue {
  if (webhook !== undefined) {
    const { destination: literal, destinationSecretRef: ref } = webhook
    return { member: 'destination', literal, ref, rules: DESTINATION_RULES }
  }
  if (kinesis !== undefined) {
    const { externalId: literal, externalIdSecretRef: ref } = kinesis
    return { member: 'external_id', literal, ref, rules: EXTERNAL_ID_RULES }
  }
  const { writeKey: literal, writeKeySecretRef: ref } = segment ?? {}
  return { member: 'write_key', literal, ref, rules: WRITE_KEY_RULES }
}

function plainMembers({ webhook, kinesis }: SinkSpec): Configuration {
  if (webhook !== undefined) return { method: webhook.method, batch_events: webhook.batchEvents }
  if (kinesis !== undefined) return { arn: kinesis.arn, role_arn: kinesis.roleArn }
  return {}
}

function resolve(
  secret: SecretValue,
  secrets: Secrets,
): { value?: string; problem: DesiredProblem | undefined } {
  const { literal, ref, rules } = secret
  if (ref === undefined)
    return literal === undefined ? { problem: undefined } : { value: literal, problem: undefined }
  const values = secrets(ref.name)
  if (values === undefined) {
    return missing(`Secret ${ref.name} does not exist in this namespace: create it with the key ${ref.key}`)
  }
  const value = values.get(ref.key)
  if (value === undefined || value === '') {
    return missing(`Secret ${ref.name} has no value under the key ${ref.key}: add it`)
  }
  const wrong = problemOf(value, rules)
  if (wrong === undefined) return { value, problem: undefined }
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
