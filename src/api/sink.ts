import { z } from 'zod'
import { Conditions } from './condition.ts'
import { integer, statusText, text, withExactlyOne } from './schema-field.ts'
import { MARK_PREFIX } from './group.ts'
import { asTwilioWrites, SINK_SID_RULE, statusSid } from './identifier.ts'
import { Metadata, memberwise, parseObject, type Parsed, type PartialObject } from './parse.ts'
import { AccountRef } from './reference.ts'
import { Kinesis, Segment, SINK_TYPES, type SinkType, Webhook } from './sink-configuration.ts'
import { celRule } from './value-rule.ts'

const DESCRIPTION_RULES = [
  {
    rule: `!self.contains('${MARK_PREFIX}')`,
    message: `must not contain "${MARK_PREFIX}", with which the operator marks the sinks it owns: leave the mark out`,
  },
  {
    rule: String.raw`self.matches("[^\\s\\p{Z}]")`,
    message: 'must not be blank: write what the sink is for, without personal data',
  },
  {
    // What a block of YAML leaves at the end is taken off before Twilio sees it.
    rule: String.raw`self.matches("^\\s*[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]*\\s*$")`,
    message:
      'must be one line of visible text: take out control characters, invisible ones such as U+200B, and those that turn the direction such as U+202E',
  },
]

export const SinkSpec = withExactlyOne(
  z.object({
    description: text(
      'Description of the sink at Twilio, without personal data. It can be changed at any time. ' +
        'At Twilio the operator adds its ownership mark at the end.',
      { maxLength: 200, rules: DESCRIPTION_RULES },
    ),
    webhook: Webhook.optional(),
    kinesis: Kinesis.optional(),
    segment: Segment.optional(),
    accountRef: AccountRef.meta({
      description:
        'The TwilioAccount that the sink belongs to. Default: the TwilioAccount "default" in the namespace of the Sink, ' +
        "else the operator's default account. It cannot be changed once the sink exists.",
    }).optional(),
    deletionPolicy: z
      .enum(['Delete', 'Orphan'])
      .meta({
        description:
          'What the operator does at Twilio when this object is deleted: Delete deletes the sink, Orphan leaves it there. ' +
          'Default: Delete. Required with import. It can be changed at any time, also while the object is being deleted.',
      })
      .optional(),
    import: z
      .object({
        sid: text('SID of the sink: DG and 32 hexadecimal digits.', {
          maxLength: 34,
          rules: [celRule(SINK_SID_RULE)],
        }).transform(asTwilioWrites),
      })
      .meta({
        description:
          'An existing sink that this object takes over as it is, instead of creating one. ' +
          'Type and configuration must be the same as at Twilio.',
      })
      .optional(),
    suspend: z
      .boolean()
      .meta({
        description:
          'While true, the operator changes nothing at Twilio, not even when this object is deleted.',
      })
      .optional(),
  }),
  SINK_TYPES,
  {
    description: 'Desired state of the sink.',
    rules: [
      {
        // `import` is a reserved word of CEL.
        rule: 'has(self.deletionPolicy) || !has(self.__import__)',
        message:
          'must be stated together with import: Orphan leaves the imported sink at Twilio when this object is deleted, Delete deletes it',
        fieldPath: '.deletionPolicy',
        reason: 'FieldValueRequired',
      },
    ],
  },
)
export type SinkSpec = z.infer<typeof SinkSpec>

export const SinkStatus = z
  .object({
    observedGeneration: integer(
      'Generation of the object that the conditions describe; -1 until the operator has reconciled it.',
    ).default(-1),
    sid: statusSid('sid', 'SID of the sink at Twilio.').optional(),
    accountSid: statusSid('accountSid', 'SID of the Twilio account that the sink is in.').optional(),
    keyDigest: statusText(
      'keyDigest',
      'Digest of the Twilio key with which the sink was recorded. Only this key, or another key of the same Twilio account (status.keys of the TwilioAccount), can show that the sink is gone.',
    ).optional(),
    sinkType: statusText('sinkType', 'Type of the sink, as Twilio names it.').optional(),
    sinkStatus: statusText('sinkStatus', 'Status of the sink, as Twilio reports it.').optional(),
    url: statusText('url', 'URL of the sink in the Twilio API.').optional(),
    dateCreated: statusText('dateCreated', 'When Twilio created the sink.').optional(),
    dateUpdated: statusText('dateUpdated', 'When the sink last changed at Twilio.').optional(),
    subscriptions: z
      .array(statusSid('subscription', 'SID of a subscription.'))
      .meta({
        description:
          'SIDs of the subscriptions that use the sink. Empty: no subscription uses it, so Twilio delivers no event. Absent: not known.',
      })
      .optional(),
    createAttempt: integer('Number of the last create attempt whose result is recorded.').optional(),
    notComparable: z
      .array(statusText('notComparable', 'Name of a member of the configuration.'))
      .meta({
        description:
          'Members of the configuration that Twilio returns in another form than the operator sent. The operator does not compare them.',
      })
      .optional(),
    lastHandledReconcileAt: statusText(
      'lastHandledReconcileAt',
      'Value of the last reconcile request (an annotation) that the operator has handled.',
    ).optional(),
    lastTest: z
      .object({
        requestedAt: statusText('requestedAt', 'Value of the annotation that this result belongs to.'),
        result: statusText('result', 'Answer of Twilio.'),
      })
      .meta({ description: 'Result of the last test event that was requested by annotation.' })
      .optional(),
    lastValidation: z
      .object({
        testId: statusText('testId', 'Value of the annotation that this result belongs to.'),
        result: statusText('result', 'Answer of Twilio.'),
      })
      .meta({ description: 'Result of the last validation that was requested by annotation.' })
      .optional(),
    conditions: Conditions,
  })
  .meta({ description: 'Observed state of the sink. Only the operator writes it.' })
  .prefault({ observedGeneration: -1 })
export type SinkStatus = z.infer<typeof SinkStatus>

/** A Sink as read from the API server. Fields that this version does not know are left out. */
export const Sink = z.object({ metadata: Metadata, spec: SinkSpec, status: SinkStatus })
export type Sink = z.infer<typeof Sink>

/** All of a Sink, or what can be read of one that cannot be read as a whole. */
export type PartialSink = PartialObject<Sink>

const readPart = memberwise(SinkSpec.shape, SinkStatus.unwrap().shape)

export const parseSink = (value: unknown): Parsed<Sink> => parseObject(Sink, readPart, value)

/** Presence of the member selects the type; reading has made sure that there is one. */
export function sinkTypeOf(spec: SinkSpec): SinkType {
  return SINK_TYPES.find((type) => spec[type] !== undefined) ?? 'segment'
}
