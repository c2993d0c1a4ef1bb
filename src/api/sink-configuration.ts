import { z } from 'zod'
import { DESTINATION_MAX_LENGTH, DESTINATION_RULES } from './destination.ts'
import { exactlyOneMessage, exactlyOneRule, hasExactlyOne, RULES, text } from './schema-field.ts'
import {
  ARN_MAX_LENGTH,
  EXTERNAL_ID_MAX_LENGTH,
  EXTERNAL_ID_RULES,
  ROLE_ARN_RULE,
  STREAM_ARN_RULE,
  WRITE_KEY_MAX_LENGTH,
  WRITE_KEY_RULES,
} from './identifier.ts'
import { SecretKeyRef } from './reference.ts'
import { celRule, celRules } from './value-rule.ts'

/** The three SinkConfigurations of Twilio, in camelCase. None can be changed at Twilio once the sink exists. */

const DESTINATION = ['destination', 'destinationSecretRef'] as const
export const Webhook = z
  .object({
    destination: text(
      'URL that Twilio calls. It may contain a user name and a password for basic authentication; keep such a URL in a Secret (destinationSecretRef).',
      { maxLength: DESTINATION_MAX_LENGTH, rules: celRules(DESTINATION_RULES) },
    ).optional(),
    destinationSecretRef: SecretKeyRef.meta({
      description: 'Key of a Secret in the same namespace that holds the URL.',
    }).optional(),
    method: z.enum(['POST', 'GET']).default('POST').meta({ description: 'HTTP method of the requests.' }),
    batchEvents: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether one request may contain several events.' }),
  })
  .refine(hasExactlyOne(DESTINATION), { error: exactlyOneMessage(DESTINATION) })
  .meta({
    description: 'Twilio sends the events to a URL by HTTP.',
    [RULES]: [exactlyOneRule(DESTINATION)],
  })
export type Webhook = z.infer<typeof Webhook>

const EXTERNAL_ID = ['externalId', 'externalIdSecretRef'] as const
export const Kinesis = z
  .object({
    arn: text('ARN of the Kinesis data stream.', {
      maxLength: ARN_MAX_LENGTH,
      rules: [celRule(STREAM_ARN_RULE)],
    }),
    roleArn: text('ARN of the IAM role that Twilio assumes to write to the stream.', {
      maxLength: ARN_MAX_LENGTH,
      rules: [celRule(ROLE_ARN_RULE)],
    }),
    externalId: text(
      'External id in the trust policy of the role. Twilio treats it as a secret: prefer externalIdSecretRef.',
      { maxLength: EXTERNAL_ID_MAX_LENGTH, rules: celRules(EXTERNAL_ID_RULES) },
    ).optional(),
    externalIdSecretRef: SecretKeyRef.meta({
      description: 'Key of a Secret in the same namespace that holds the external id.',
    }).optional(),
  })
  .refine(hasExactlyOne(EXTERNAL_ID), { error: exactlyOneMessage(EXTERNAL_ID) })
  .meta({
    description: 'Twilio sends the events to an AWS Kinesis data stream.',
    [RULES]: [exactlyOneRule(EXTERNAL_ID)],
  })
export type Kinesis = z.infer<typeof Kinesis>

const WRITE_KEY = ['writeKey', 'writeKeySecretRef'] as const
export const Segment = z
  .object({
    writeKey: text('Write key of the Segment source. Prefer writeKeySecretRef.', {
      maxLength: WRITE_KEY_MAX_LENGTH,
      rules: celRules(WRITE_KEY_RULES),
    }).optional(),
    writeKeySecretRef: SecretKeyRef.meta({
      description: 'Key of a Secret in the same namespace that holds the write key.',
    }).optional(),
  })
  .refine(hasExactlyOne(WRITE_KEY), { error: exactlyOneMessage(WRITE_KEY) })
  .meta({
    description: 'Twilio sends the events to a Segment source of the kind "Twilio Event Streams".',
    [RULES]: [exactlyOneRule(WRITE_KEY)],
  })
export type Segment = z.infer<typeof Segment>

/** The values of Twilio's SinkType that this API knows. */
export const SINK_TYPES = ['webhook', 'kinesis', 'segment'] as const
export type SinkType = (typeof SINK_TYPES)[number]
