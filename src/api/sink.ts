import { z } from 'zod'
import { Conditions } from './condition.ts'
import { exactlyOneMessage, exactlyOneRule, hasExactlyOne } from './exactly-one.ts'
import { MARK_PREFIX } from './group.ts'
import { asTwilioWrites, SINK_SID_RULE, statusSid } from './identifier.ts'
import { Metadata } from './metadata.ts'
import { memberwise, parseObject, type PartialObject, type Unreadable } from './parse.ts'
import { AccountRef } from './reference.ts'
import { integer, RULES, statusText, text } from './schema-field.ts'
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

export const SinkSpec = z
  .object({
    description: text(
      "Twilio's description of the sink, without personal data. It may be edited at any time. " +
        'At Twilio an ownership mark of the operator follows it.',
      { maxLength: 200, rules: DESCRIPTION_RULES },
    ),
    webhook: Webhook.optional(),
    kinesis: Kinesis.optional(),
    segment: Segment.optional(),
    accountRef: AccountRef.meta({
      description:
        'The TwilioAccount that the sink belongs to. Absent: the TwilioAccount "default" in the namespace of the Sink, ' +
        "else the operator's default account. Fixed once the sink exists.",
    }).optional(),
    deletionPolicy: z
      .enum(['Delete', 'Orphan'])
      .meta({
        description:
          'What happens at Twilio when this object is deleted: Delete the sink there, or leave it (Orphan). ' +
          'Absent: Delete. Must be stated with import. May be changed at any time, also while the object is being deleted.',
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
          'Take over this existing sink, as it is at Twilio, instead of creating one. Type and configuration must agree.',
      })
      .optional(),
    suspend: z
      .boolean()
      .meta({ description: 'While true the operator changes nothing at Twilio, not even for a deletion.' })
      .optional(),
  })
  .refine(hasExactlyOne(SINK_TYPES), { error: exactlyOneMessage(SINK_TYPES) })
  .meta({
    description: 'What the sink should be.',
    [RULES]: [
      exactlyOneRule(SINK_TYPES),
      {
        // `import` is a reserved word of CEL.
        rule: 'has(self.deletionPolicy) || !has(self.__import__)',
        message:
          'must be stated together with import: Orphan leaves the imported sink at Twilio when this object is deleted, Delete deletes it',
        fieldPath: '.deletionPolicy',
        reason: 'FieldValueRequired',
      },
    ],
  })
export type SinkSpec = z.infer<typeof SinkSpec>

export const SinkStatus = z
  .object({
    observedGeneration: integer(
      'Generation that the conditions speak of; -1 until the operator has looked at the object.',
    ).default(-1),
    sid: statusSid('sid', 'SID of the sink at Twilio.').optional(),
    accountSid: statusSid('accountSid', 'SID of the Twilio account that the sink is in.').optional(),
    keyDigest: statusText(
      'keyDigest',
      'Digest of the key through which the sink was recorded. That key, and those of one account with it (status.keys of the TwilioAccount), can tell whether the sink is gone.',
    ).optional(),
    sinkType: statusText('sinkType', 'Type of the sink, in the words of Twilio.').optional(),
    sinkStatus: statusText('sinkStatus', 'Status of the sink, in the words of Twilio.').optional(),
    url: statusText('url', 'Where the Twilio API serves the sink.').optional(),
    dateCreated: statusText('dateCreated', 'When Twilio created the sink.').optional(),
    dateUpdated: statusText('dateUpdated', 'When the sink last changed at Twilio.').optional(),
    subscriptions: z
      .array(statusSid('subscription', 'SID of a subscription.'))
      .meta({
        description:
          'SIDs of the subscriptions that use the sink. Empty: none, so no event is delivered. Absent: not known.',
      })
      .optional(),
    createAttempt: integer('Number of the last attempt to create the sink whose end is recorded.').optional(),
    notComparable: z
      .array(statusText('notComparable', 'Name of a member of the configuration.'))
      .meta({
        description:
          'Members of the configuration that Twilio answers differently from what was sent; they are not compared.',
      })
      .optional(),
    lastHandledReconcileAt: statusText(
      'lastHandledReconcileAt',
      'Value of the last annotation that asked for a pass, once it is answered.',
    ).optional(),
    lastTest: z
      .object({
        requestedAt: statusText('requestedAt', 'Value of the annotation that is answered.'),
        result: statusText('result', 'What Twilio answered.'),
      })
      .meta({ description: 'Answer to the last annotation that asked for a test event.' })
      .optional(),
    lastValidation: z
      .object({
        testId: statusText('testId', 'Value of the annotation that is answered.'),
        result: statusText('result', 'What Twilio answered.'),
      })
      .meta({ description: 'Answer to the last annotation that asked for a validation.' })
      .optional(),
    conditions: Conditions,
  })
  .meta({ description: 'What the sink is, as last seen. Only the operator writes it.' })
  .prefault({ observedGeneration: -1 })
export type SinkStatus = z.infer<typeof SinkStatus>

/** A Sink as read from the API server. Fields that this version does not know are left out. */
export const Sink = z.object({ metadata: Metadata, spec: SinkSpec, status: SinkStatus })
export type Sink = z.infer<typeof Sink>

/** All of a Sink, or what can be read of one that cannot be read as a whole. */
export type PartialSink = PartialObject<Sink>

const readPart = memberwise(SinkSpec.shape, SinkStatus.unwrap().shape)

/** Never throws: what cannot be read becomes a problem that names the field, so that one object never stops the others. */
export function parseSink(value: unknown): { ok: true; sink: Sink } | Unreadable<PartialSink> {
  const read = parseObject(Sink, readPart, value)
  return read.ok ? { ok: true, sink: read.value } : read
}

/** Presence of the member selects the type; reading has made sure that there is one. */
export function sinkTypeOf(spec: SinkSpec): SinkType {
  if (spec.webhook !== undefined) return 'webhook'
  return spec.kinesis !== undefined ? 'kinesis' : 'segment'
}
