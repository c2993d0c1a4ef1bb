import { baseUrlProblem } from '../twilio/http/base-url.ts'

/** How the text of an option is read. */
export interface ValueKind<T> {
  /** For people: what the text must be, after "must be". */
  readonly expected: string
  /** Undefined: the text is not of this kind. A problem says more than that, and does not quote the text. */
  readonly parse: (text: string) => { readonly value: T } | { readonly problem: string } | undefined
}

export interface Address {
  /** Empty: every interface. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

function matching(pattern: RegExp, expected: string): ValueKind<string> {
  return { expected, parse: (text) => (pattern.test(text) ? { value: text } : undefined) }
}

export const TEXT = matching(/\S/u, 'a text that is not blank')
export const TWILIO_URL: ValueKind<string> = {
  expected: TEXT.expected,
  parse: (text) => {
    const problem = baseUrlProblem(text)
    return problem === undefined || TEXT.parse(text) === undefined ? TEXT.parse(text) : { problem }
  },
}
export const NAMESPACE = matching(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/u, 'the name of a namespace')
export const OBJECT_NAME = matching(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/u, 'the name of an object')
export const OBJECT_KEY = matching(
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/u,
  'namespace/name of an object',
)
export const ACCOUNT_SID = matching(/^AC[0-9a-fA-F]{32}$/u, 'AC and 32 hexadecimal digits')

function oneOf<const Word extends string>(one: Word, other: Word): ValueKind<Word> {
  const words = [one, other]
  return {
    expected: `${one} or ${other}`,
    parse: (text) => {
      const value = words.find((word) => word === text)
      return value === undefined ? undefined : { value }
    },
  }
}

export const IMPORTS = oneOf('Same', 'Allowed')

/** `spec.allowedNamespaces` of a TwilioAccount, in one word of the command line. */
export type AllowedNamespaces =
  | { readonly from: 'Same' | 'All' }
  | {
      readonly from: 'Selector'
      readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
    }

const LABEL = /^([\w./-]{1,317})=([\w.-]{0,63})$/u

export const ALLOWED_NAMESPACES: ValueKind<AllowedNamespaces> = {
  expected: 'Same, All, or labels such as team=shop,stage=production',
  parse: (text) => {
    if (text === 'Same' || text === 'All') return { value: { from: text } }
    const labels = text.split(',').map((label) => LABEL.exec(label.trim()) ?? [])
    const matchLabels = Object.fromEntries(labels.map(([, key = '', value = '']) => [key, value]))
    // One key twice can never be met.
    if ('' in matchLabels || Object.keys(matchLabels).length < labels.length) return undefined
    return { value: { from: 'Selector', selector: { matchLabels } } }
  },
}
export const DELETION_POLICY = oneOf('Delete', 'Orphan')
export const LOG_LEVEL = matching(
  /^(trace|debug|info|warn|error|fatal|silent)$/u,
  'trace, debug, info, warn, error, fatal or silent',
)

export const NAMESPACES: ValueKind<readonly string[]> = {
  expected: 'namespaces, separated by commas',
  parse: (text) => {
    const value = text.split(',').map((name) => name.trim())
    return value.every((name) => NAMESPACE.parse(name) !== undefined) ? { value } : undefined
  },
}

export const BOOLEAN: ValueKind<boolean> = {
  expected: 'true or false',
  parse: (text) => (text === 'true' || text === 'false' ? { value: text === 'true' } : undefined),
}

const MOST = 10_000

export const COUNT: ValueKind<number> = {
  expected: `a whole number from 1 to ${MOST}`,
  parse: (text) => {
    const value = Number(text)
    return /^\d+$/u.test(text) && value >= 1 && value <= MOST ? { value } : undefined
  },
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** The longest delay that a timer of Node can hold is a little more; above it a timer would fire at once. */
const LONGEST = 24 * 3_600_000

/** In milliseconds. */
export const DURATION: ValueKind<number> = {
  expected: 'a duration from 1ms to 24h such as 500ms, 1.5s or 5m',
  parse: (text) => {
    const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/u.exec(text) ?? []
    const value = Math.round(Number(amount) * (UNITS[unit] ?? Number.NaN))
    return value >= 1 && value <= LONGEST ? { value } : undefined
  },
}

/** Undefined: switched off. */
export const ADDRESS: ValueKind<Address | undefined> = {
  expected: 'an address such as :8080, 127.0.0.1:8080 or [::1]:8080, or 0 to turn it off',
  parse: (text) => {
    if (text === '0') return { value: undefined }
    const [, bracketed, plain, port = ''] =
      /^(?:\[([\da-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/u.exec(text) ?? []
    if (port === '' || Number(port) > 65_535) return undefined
    return { value: { host: bracketed ?? plain ?? '', port: Number(port) } }
  },
}
