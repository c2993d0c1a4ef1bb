import { statusText } from './schema-field.ts'
import type { StatusText } from './status-length.ts'
import { type PatternRule, type ValueFormat, anyCase, INVISIBLE } from './value-rule.ts'

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

/**
 * Where a webhook may point. `isURL` of CEL lets `https://` and port 99999 through, and `url()` with `isIP` does not fit
 * the cost budget, so this is text matching. Twilio calls from the internet: what it cannot reach is refused here,
 * because Twilio itself accepts it and then drops every event in silence.
 */

const LABEL = '[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?'
/** The last label begins with a letter, so that 127.1 and 0x7f.1, which URL parsers take for addresses, are no names. */
const NAME = `(${LABEL}\\.)*[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\\.?`
const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const IPV4 = `${OCTET}(\\.${OCTET}){3}`
const IPV6 = `\\[[0-9a-fA-F:]{2,39}(${IPV4})?\\]`
const SCHEME = `${anyCase('http')}[sS]?`
const PORT = '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])'
/**
 * Blanks never, nor what nobody sees (control characters, those that turn the direction of writing), and no backslash:
 * some parsers read it as a slash, and so another host.
 */
const NEVER = `\\x00-\\x20\\x7f-\\xa0\\\\${INVISIBLE}`
const USER_INFO = `([^${NEVER}/?#@]*@)?`
const REST = `([/?#][^${NEVER}]*)?`

const CLUSTER_NAMES = ['svc', 'local', 'localhost', 'internal'].map(anyCase).join('|')
const UNREACHABLE_NAME = `[a-zA-Z0-9_-]+|[a-zA-Z0-9_.-]+\\.(${CLUSTER_NAMES})`
const UNREACHABLE_IPV4 = [
  '(0|10|127|22[4-9]|23[0-9]|24[0-9]|25[0-5])\\.[0-9.]+',
  '169\\.254\\.[0-9.]+',
  '192\\.168\\.[0-9.]+',
  '172\\.(1[6-9]|2[0-9]|3[01])\\.[0-9.]+',
  '100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.[0-9.]+',
].join('|')
/** Everything but global unicast, 2000::/3. */
const UNREACHABLE_IPV6 = '\\[[^23][^\\]]*\\]|\\[[23][0-9a-fA-F]{0,2}:[^\\]]*\\]'

export const DESTINATION_FORMAT: ValueFormat = {
  maxLength: 2048,
  causes: [
    {
      pattern: `^${SCHEME}://[^/?#@]*@[^/?#@]*@`,
      message: 'must have each @ of its user name or password written as %40',
    },
    {
      pattern: `^${SCHEME}://([^/?#@]*@)?[!-"$-.0->A-~]*[^\\x00-\\x7f][^/?#@]*([/?#]|$)`,
      message: 'must have its host name in ASCII, in punycode such as xn--mnchen-3ya.example',
    },
  ],
  patterns: [
    {
      pattern: `^${SCHEME}://${USER_INFO}(${NAME}|${IPV4}|${IPV6})(:${PORT})?${REST}$`,
      is: 'required',
      message:
        'must be a complete http or https URL such as https://hooks.example.com/twilio: a host name or address, ' +
        'a port (if any) from 1 to 65535, no blanks and no backslashes',
    },
    {
      pattern: `^${SCHEME}://${USER_INFO}(${UNREACHABLE_NAME}|${UNREACHABLE_IPV4}|${UNREACHABLE_IPV6})\\.?(:[0-9]+)?([/?#].*)?$`,
      is: 'refused',
      message:
        'Twilio calls from the internet and cannot reach this host: use a public host name or address, ' +
        'not a Service name, a name without a dot, localhost, or a private, loopback or link-local address',
    },
  ],
}
