import { z } from 'zod'
import {
  DESTINATION_FORMAT,
  EXTERNAL_ID_FORMAT,
  ROLE_ARN_FORMAT,
  STREAM_ARN_FORMAT,
  WRITE_KEY_FORMAT,
} from './identifier.ts'
import { withExactlyOne } from './schema-field.ts'
import { SecretKeyRef } from './reference.ts'
import { formatted, type ValueFormat } from './value-rule.ts'

/** The three SinkConfigurations of Twilio, in camelCase. None can be changed at Twilio once the sink exists. */

const METHODS = ['POST', 'GET'] as const
export const Webhook = withExactlyOne(
  z.object({
    destination: formatted(
      'URL that Twilio calls. It may contain a user name and a password for basic authentication; keep such a URL in a Secret (destinationSecretRef).',
      DESTINATION_FORMAT,
    ).optional(),
    destinationSecretRef: SecretKeyRef.meta({
      description: 'Key of a Secret in the same namespace that holds the URL.',
    }).optional(),
    method: z.enum(METHODS).default(METHODS[0]).meta({ description: 'HTTP method of the requests.' }),
    batchEvents: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether one request may contain several events.' }),
  }),
  ['destination', 'destinationSecretRef'],
  { description: 'Twilio sends the events to a URL by HTTP.' },
)

export const Kinesis = withExactlyOne(
  z.object({
    arn: formatted('ARN of the Kinesis data stream.', STREAM_ARN_FORMAT),
    roleArn: formatted('ARN of the IAM role that Twilio assumes to write to the stream.', ROLE_ARN_FORMAT),
    externalId: formatted(
      'External id in the trust policy of the role. Twilio treats it as a secret: prefer externalIdSecretRef.',
      EXTERNAL_ID_FORMAT,
    ).optional(),
    externalIdSecretRef: SecretKeyRef.meta({
      description: 'Key of a Secret in the same namespace that holds the external id.',
    }).optional(),
  }),
  ['externalId', 'externalIdSecretRef'],
  { description: 'Twilio sends the events to an AWS Kinesis data stream.' },
)

export const Segment = withExactlyOne(
  z.object({
    writeKey: formatted(
      'Write key of the Segment source. Prefer writeKeySecretRef.',
      WRITE_KEY_FORMAT,
    ).optional(),
    writeKeySecretRef: SecretKeyRef.meta({
      description: 'Key of a Secret in the same namespace that holds the write key.',
    }).optional(),
  }),
  ['writeKey', 'writeKeySecretRef'],
  { description: 'Twilio sends the events to a Segment source of the kind "Twilio Event Streams".' },
)

/** The values of Twilio's SinkType that this API knows. */
export const SINK_TYPES = ['webhook', 'kinesis', 'segment'] as const
export type SinkType = (typeof SINK_TYPES)[number]

/** What a member's value is: how it is compared, hidden and exported follows from it. */
type MemberValue =
  /** One of a few words, which Twilio may answer in another case. The first is the default. */
  | { readonly kind: 'word'; readonly words: readonly string[] }
  /** False is the default. */
  | { readonly kind: 'flag' }
  /** Twilio may rewrite a URL within the rules of WHATWG. */
  | { readonly kind: 'text' | 'url'; readonly format: ValueFormat }

/** One member of a configuration. */
export type Member = MemberValue & {
  /** In the spec. */
  readonly name: string
  /** In Twilio's `sink_configuration`. */
  readonly twilioName: string
  /** The member of the spec that names a Secret instead; undefined: the value is no secret. */
  readonly secretRef: string | undefined
}

type Row = MemberValue & Pick<Member, 'twilioName'>
/** A member without its row does not compile. */
type Rows<S extends z.ZodType> = {
  readonly [Name in Exclude<keyof z.infer<S>, `${string}SecretRef`>]-?: Row
}

/** All that is known of the members besides their schemas. */
export const MEMBERS: Readonly<Record<SinkType, readonly Member[]>> = {
  webhook: membersOf(Webhook, {
    destination: { twilioName: 'destination', kind: 'url', format: DESTINATION_FORMAT },
    method: { twilioName: 'method', kind: 'word', words: METHODS },
    batchEvents: { twilioName: 'batch_events', kind: 'flag' },
  } satisfies Rows<typeof Webhook>),
  kinesis: membersOf(Kinesis, {
    arn: { twilioName: 'arn', kind: 'text', format: STREAM_ARN_FORMAT },
    roleArn: { twilioName: 'role_arn', kind: 'text', format: ROLE_ARN_FORMAT },
    externalId: { twilioName: 'external_id', kind: 'text', format: EXTERNAL_ID_FORMAT },
  } satisfies Rows<typeof Kinesis>),
  segment: membersOf(Segment, {
    writeKey: { twilioName: 'write_key', kind: 'text', format: WRITE_KEY_FORMAT },
  } satisfies Rows<typeof Segment>),
}

function membersOf({ shape }: z.ZodObject, rows: Readonly<Record<string, Row>>): readonly Member[] {
  return Object.entries(rows).map(([name, row]) => {
    const ref = `${name}SecretRef`
    return { ...row, name, secretRef: ref in shape ? ref : undefined }
  })
}

const ALL: readonly Member[] = Object.values(MEMBERS).flat()
const KINDS = new Map(ALL.map(({ twilioName, kind }) => [twilioName, kind]))

/** Of what kind a member of Twilio's is; undefined: it is not known. */
export const kindOf = (twilioName: string): Member['kind'] | undefined => KINDS.get(twilioName)

/** Under these names, of the spec and of Twilio, stands what nobody may read. */
export const SECRET_NAMES: ReadonlySet<string> = new Set(
  ALL.filter(({ secretRef }) => secretRef !== undefined).flatMap(({ name, twilioName }) => [
    name,
    twilioName,
  ]),
)
