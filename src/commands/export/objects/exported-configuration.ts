import { DESTINATION_MAX_LENGTH, DESTINATION_RULES } from '../../../api/destination.ts'
import {
  ARN_MAX_LENGTH,
  EXTERNAL_ID_RULES,
  ROLE_ARN_RULE,
  STREAM_ARN_RULE,
  WRITE_KEY_RULES,
} from '../../../api/identifier.ts'
import { problemOf, type ValueRule } from '../../../api/value-rule.ts'
import { type ClearSink, fingerprints } from '../../../sink/external-sink.ts'

/** A `SecretKeyRef`. */
export interface Place {
  readonly name: string
  readonly key: string
}

export interface ExportedConfiguration {
  /** `webhook`, `kinesis` or `segment`, and what stands below it. */
  readonly spec: Readonly<Record<string, unknown>>
  readonly place: Place | undefined
  readonly secret: SecretValue | undefined
}

/** Why there can be no Sink of this configuration. Names members, never values. */
export class NotExpressible extends Error {
  override readonly name = 'NotExpressible'
}

type Configuration = ClearSink['configuration']
/** Where the secret value of a member of the spec belongs. */
type PlaceFor = (member: string) => Place

/** Throws {@link NotExpressible}. */
export function exportedConfiguration(
  { sinkType, configuration }: ClearSink,
  placeFor: PlaceFor,
): ExportedConfiguration {
  if (sinkType === 'webhook') return webhook(configuration, placeFor)
  if (sinkType === 'kinesis') return kinesis(configuration, placeFor)
  if (sinkType === 'segment') return segment(configuration, placeFor)
  throw new NotExpressible(
    `its type ${JSON.stringify(sinkType.slice(0, 40))} is not one that a Sink can have`,
  )
}

function webhook(configuration: Configuration, placeFor: PlaceFor): ExportedConfiguration {
  const shown = shownValue('destination', configuration['destination'])
  const rest = {
    ...(methodOf(configuration) === 'GET' && { method: 'GET' }),
    ...(batches(configuration) && { batchEvents: true }),
  }
  if (shown !== undefined && !isSecret(shown) && isLiteral(shown))
    return { spec: { webhook: { destination: shown, ...rest } }, place: undefined, secret: undefined }
  const place = placeFor('destination')
  const secret = secretValue('destination', shown, { rules: DESTINATION_RULES, place: textOf(place) })
  return { spec: { webhook: { destinationSecretRef: place, ...rest } }, place, secret }
}

/** User info is a password, and what follows a question mark may be one; so may be a path that is not plain words. */
function isSecret(destination: string): boolean {
  const url = URL.parse(destination)
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return true
  return !url.pathname.split('/').every((segment) => segment === '' || PLAIN_SEGMENT.test(segment))
}

/** A few words, or a version. What has other digits, capitals or long rows of letters may be a token. */
const PLAIN_SEGMENT = /^(?:[a-z]{1,14}(?:[._-][a-z]{1,14}){0,3}|v[0-9]{1,2})$/u

/** The API server refuses others, but an existing sink may have one: it is imported all the same by way of the Secret. */
const isLiteral = (destination: string): boolean =>
  destination.length <= DESTINATION_MAX_LENGTH && problemOf(destination, DESTINATION_RULES) === undefined

function methodOf({ method = null }: Configuration): 'POST' | 'GET' {
  const word = typeof method === 'string' ? method.toUpperCase() : method
  if (word === null || word === '' || word === 'POST') return 'POST'
  if (word === 'GET') return 'GET'
  throw new NotExpressible('its method is neither POST nor GET')
}

function batches({ batch_events: value = null }: Configuration): boolean {
  if (value === null || value === '' || value === false || value === 'false') return false
  if (value === true || value === 'true') return true
  throw new NotExpressible('its batch_events is neither true nor false')
}

function kinesis(configuration: Configuration, placeFor: PlaceFor): ExportedConfiguration {
  const arn = arnOf(configuration, 'arn', STREAM_ARN_RULE)
  const roleArn = arnOf(configuration, 'role_arn', ROLE_ARN_RULE)
  const place = placeFor('externalId')
  const shown = shownValue('external_id', configuration['external_id'])
  const secret = secretValue('external id', shown, { rules: EXTERNAL_ID_RULES, place: textOf(place) })
  return { spec: { kinesis: { arn, roleArn, externalIdSecretRef: place } }, place, secret }
}

function arnOf(configuration: Configuration, member: string, rule: ValueRule): string {
  const value = configuration[member]
  const problem =
    typeof value === 'string' && value.length <= ARN_MAX_LENGTH ? problemOf(value, [rule]) : rule.message
  if (typeof value === 'string' && problem === undefined) return value
  throw new NotExpressible(`its ${member} ${problem ?? ''}`)
}

function segment(configuration: Configuration, placeFor: PlaceFor): ExportedConfiguration {
  const place = placeFor('writeKey')
  const shown = shownValue('write_key', configuration['write_key'])
  const secret = secretValue('write key', shown, { rules: WRITE_KEY_RULES, place: textOf(place) })
  return { spec: { segment: { writeKeySecretRef: place } }, place, secret }
}

const textOf = ({ name, key }: Place): string => `the key ${key} of the Secret ${name}`

/** The one value of a configuration that may come from a Secret, and what is to be said about it. */
interface SecretValue {
  /** Undefined: Twilio does not show it, so a person must put it into the Secret. */
  readonly value: string | undefined
  readonly remark: string | undefined
}

/** What Twilio does not show whole is no value: it answers nothing, or asterisks. */
function shownValue(member: string, value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return fingerprints({ [member]: value })[member] === null ? undefined : value
}

/** `what` in the words of a Sink, such as `write key`. */
function secretValue(
  what: string,
  value: string | undefined,
  { rules, place }: { readonly rules: readonly ValueRule[]; readonly place: string },
): SecretValue {
  if (value === undefined) {
    const remark = `Twilio does not show the ${what}: put it under ${place}; until then it is not compared`
    return { value, remark }
  }
  const problem = problemOf(value, rules)
  return { value, remark: problem === undefined ? undefined : `about the ${what}: ${problem}` }
}
