import { statusText } from './schema-field.ts'
import type { StatusText } from './status-length.ts'
import type { PatternRule, ValueFormat } from './value-rule.ts'

/** How the names that Twilio, AWS and Segment hand out look like. */

export const SINK_SID_RULE: PatternRule = {
  pattern: '^DG[0-9a-fA-F]{32}$',
  is: 'required',
  message:
    'must be the SID of a sink: DG and 32 hexadecimal digits, as the Twilio Console and GET /v1/Sinks show it',
}

/**
 * Twilio takes hexadecimal digits of either case and answers in lower case. SIDs are brought into that form where they
 * come in (an object, an annotation, a Secret, the environment, an answer), so that inside they can be compared. What is
 * no SID stays as it was written.
 */
export const asTwilioWrites = (text: string): string =>
  SID.test(text) ? `${text.slice(0, 2)}${text.slice(2).toLowerCase()}` : text

const SID = /^[A-Z]{2}[0-9a-fA-F]{32}$/u

/** A SID in a status. */
export function statusSid(field: StatusText, description: string) {
  return statusText(field, description).transform(asTwilioWrites)
}

export const ACCOUNT_SID_RULE: PatternRule = {
  pattern: '^AC[0-9a-fA-F]{32}$',
  is: 'required',
  message:
    'must be the SID of a Twilio account: AC and 32 hexadecimal digits, as on the first page of the Twilio Console',
}

const PARTITION = 'aws(-[a-z0-9]{1,20}){0,4}'

const ARN_MAX_LENGTH = 700

export const STREAM_ARN_FORMAT: ValueFormat = {
  maxLength: ARN_MAX_LENGTH,
  patterns: [
    {
      pattern: `^arn:${PARTITION}:kinesis:[a-z0-9-]+:[0-9]{12}:stream/[a-zA-Z0-9_.-]{1,128}$`,
      is: 'required',
      message:
        'must be the ARN of a Kinesis data stream, such as arn:aws:kinesis:us-east-1:123456789012:stream/orders',
    },
  ],
}

export const ROLE_ARN_FORMAT: ValueFormat = {
  maxLength: ARN_MAX_LENGTH,
  patterns: [
    {
      pattern: `^arn:${PARTITION}:iam::[0-9]{12}:role/[a-zA-Z0-9+=,.@_/-]{1,576}$`,
      is: 'required',
      message: 'must be the ARN of an IAM role, such as arn:aws:iam::123456789012:role/twilio-events',
    },
  ],
}

/** Limits of AWS for an external id. */
export const EXTERNAL_ID_FORMAT: ValueFormat = {
  maxLength: 1224,
  patterns: [
    {
      pattern: '^[a-zA-Z0-9_+=,.@:/-]{2,1000}[a-zA-Z0-9_+=,.@:/-]{0,224}$',
      is: 'required',
      message:
        'must be an external id as AWS takes it: 2 to 1224 letters, digits and _+=,.@:/- (no line break at the end)',
    },
  ],
}

export const WRITE_KEY_FORMAT: ValueFormat = {
  maxLength: 256,
  patterns: [
    {
      pattern: '^[!-~]{1,256}$',
      is: 'required',
      message:
        'must be the write key of a Segment source: printable ASCII without blanks (no line break at the end)',
    },
  ],
}
