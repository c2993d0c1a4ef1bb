import { anyCase, INVISIBLE, type ValueFormat } from './value-rule.ts'

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
