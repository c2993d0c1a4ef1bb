import { OPTIONS, type Flag, type OptionName } from './option-table.ts'

export interface Options {
  readonly kubeconfig: string | undefined
  readonly watchNamespaces: readonly string[]
  readonly namespace: string
  readonly defaultAccount: string | undefined
  readonly defaultAccountSid: string | undefined
  readonly defaultAccountSecret: string | undefined
  readonly twilioBaseUrl: string
  readonly installationId: string | undefined
  /** Durations are in milliseconds. */
  readonly pollInterval: number
  readonly settlingPollInterval: number
  readonly callTimeout: number
  readonly settleTime: number
  readonly maxConcurrentReconciles: number
  readonly maxCallsPerAccount: number
  readonly leaderElect: boolean
  readonly leaseDuration: number
  readonly renewDeadline: number
  readonly retryPeriod: number
  /** Undefined: switched off. */
  readonly metricsAddress: Address | undefined
  readonly healthAddress: Address | undefined
  readonly logLevel: string
}

export interface Address {
  readonly host: string
  readonly port: number
}

export type OptionsReading =
  | { readonly ok: true; readonly options: Options }
  | { readonly ok: false; readonly problem: string }
  | { readonly ok: 'help'; readonly text: string }

type Environment = Readonly<Record<string, string | undefined>>

/** A wrong value stops the start with one clear line: `problem`. Flags go before variables of the same name. */
export function readOptions(
  argv: readonly string[],
  environment: Environment,
  checkBaseUrl: (text: string) => string | undefined,
): OptionsReading {
  if (argv.includes('--help') || argv.includes('-h')) return { ok: 'help', text: help() }
  try {
    const texts = textsOf(argv, environment)
    const options = optionsFrom(texts)
    checkTogether(options, checkBaseUrl)
    return { ok: true, options }
  } catch (error) {
    if (error instanceof WrongOption) return { ok: false, problem: error.message }
    throw error
  }
}

class WrongOption extends Error {}

function textsOf(argv: readonly string[], environment: Environment): Map<OptionName, string> {
  const texts = new Map<OptionName, string>()
  for (const { name } of OPTIONS) {
    const text = name === 'kubeconfig' ? undefined : environment[variableOf(name)]
    if (text !== undefined && text !== '') texts.set(name, text)
  }
  const podNamespace = environment['POD_NAMESPACE']
  if (podNamespace !== undefined && podNamespace !== '' && !texts.has('namespace'))
    texts.set('namespace', podNamespace)
  const rest = [...argv]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const { flag, text } = flagOf(word, rest)
    texts.set(flag.name, text)
  }
  return texts
}

export const variableOf = (name: string): string => name.toUpperCase().replaceAll('-', '_')

function flagOf(word: string, rest: string[]): { flag: Flag; text: string } {
  const [, name = '', inline] = /^--([a-z-]+)(?:=(.*))?$/su.exec(word) ?? []
  const flag = OPTIONS.find((option) => option.name === name)
  if (flag === undefined)
    throw new WrongOption(`${word.split('=')[0] ?? ''} is no option${nearest(name)}; --help lists them`)
  if (inline !== undefined) return { flag, text: inline }
  if (flag.kind === 'boolean' && !['true', 'false'].includes(rest[0] ?? '')) return { flag, text: 'true' }
  const text = rest.shift()
  if (text === undefined) throw new WrongOption(`--${name} needs a value: ${flag.meaning}`)
  return { flag, text }
}

function nearest(name: string): string {
  const [best] = OPTIONS.map((option) => ({
    name: option.name,
    shared: sharedPairs(option.name, name),
  })).sort((a, b) => b.shared - a.shared)
  return best === undefined || best.shared < 0.35 ? '' : ` (do you mean --${best.name}?)`
}

/** Dice's coefficient over pairs of letters. */
function sharedPairs(a: string, b: string): number {
  const pairs = (text: string) =>
    new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)))
  const [left, right] = [pairs(a), pairs(b)]
  const shared = [...left].filter((pair) => right.has(pair)).length
  return left.size + right.size === 0 ? 0 : (2 * shared) / (left.size + right.size)
}

function optionsFrom(texts: ReadonlyMap<OptionName, string>): Options {
  const text = (name: OptionName): string | undefined => texts.get(name) ?? defaultOf(name)
  const required = (name: OptionName): string => text(name) ?? ''
  const duration = (name: OptionName): number =>
    parsed(name, required(name), parseDuration, 'a duration such as 5m, 1.5s or 500ms')
  const count = (name: OptionName): number =>
    parsed(name, required(name), parseCount, 'a whole number from 1 to 10000')
  const address = (name: OptionName) =>
    parsed(
      name,
      required(name),
      parseAddress,
      'an address such as :8080 or 127.0.0.1:8080, or 0 to switch it off',
    )
  return {
    kubeconfig: text('kubeconfig'),
    watchNamespaces: (text('watch-namespaces') ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    namespace: parsed(
      'namespace',
      required('namespace'),
      matching(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/u),
      'the name of a namespace',
    ),
    defaultAccount: optional(
      'default-account',
      text('default-account'),
      matching(/^[a-z0-9-]+\/[a-z0-9.-]+$/u),
      'namespace/name of a TwilioAccount',
    ),
    defaultAccountSid: optional(
      'default-account-sid',
      text('default-account-sid'),
      matching(/^AC[0-9a-fA-F]{32}$/u),
      'the SID of an account: AC and 32 hexadecimal digits',
    ),
    defaultAccountSecret: text('default-account-secret'),
    twilioBaseUrl: required('twilio-base-url'),
    installationId: text('installation-id'),
    pollInterval: duration('poll-interval'),
    settlingPollInterval: duration('settling-poll-interval'),
    callTimeout: duration('call-timeout'),
    settleTime: duration('settle-time'),
    maxConcurrentReconciles: count('max-concurrent-reconciles'),
    maxCallsPerAccount: count('max-calls-per-account'),
    leaderElect: parsed('leader-elect', required('leader-elect'), parseBoolean, 'true or false'),
    leaseDuration: duration('lease-duration'),
    renewDeadline: duration('renew-deadline'),
    retryPeriod: duration('retry-period'),
    metricsAddress: address('metrics-address') ?? undefined,
    healthAddress: address('health-address') ?? undefined,
    logLevel: parsed(
      'log-level',
      required('log-level'),
      matching(/^(trace|debug|info|warn|error|fatal|silent)$/u),
      'trace, debug, info, warn, error, fatal or silent',
    ),
  }
}

const defaultOf = (name: OptionName): string | undefined =>
  OPTIONS.find((option) => option.name === name)?.default

function parsed<T>(
  name: OptionName,
  text: string,
  parse: (text: string) => T | undefined,
  expected: string,
): T {
  const value = parse(text)
  if (value === undefined) throw new WrongOption(`--${name} must be ${expected}, not "${text}"`)
  return value
}

function optional<T>(
  name: OptionName,
  text: string | undefined,
  parse: (text: string) => T | undefined,
  expected: string,
): T | undefined {
  return text === undefined ? undefined : parsed(name, text, parse, expected)
}

const matching =
  (pattern: RegExp) =>
  (text: string): string | undefined =>
    pattern.test(text) ? text : undefined

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/u.exec(text) ?? []
  const ms = Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN)
  return Number.isFinite(ms) && ms >= 1 ? ms : undefined
}

function parseCount(text: string): number | undefined {
  const count = Number(text)
  return /^\d+$/u.test(text) && count >= 1 && count <= 10_000 ? count : undefined
}

function parseBoolean(text: string): boolean | undefined {
  return text === 'true' || text === 'false' ? text === 'true' : undefined
}

/** `null` switches it off. */
function parseAddress(text: string): Address | null | undefined {
  if (text === '0') return null
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/u.exec(text) ?? []
  if (port === '' || Number(port) > 65_535) return undefined
  return { host: host === '' ? '::' : host.replace(/^\[(.*)\]$/u, '$1'), port: Number(port) }
}

function checkTogether(options: Options, checkBaseUrl: (text: string) => string | undefined): void {
  const wrong = (problem: string): never => {
    throw new WrongOption(problem)
  }
  const url = checkBaseUrl(options.twilioBaseUrl)
  if (url !== undefined) wrong(`--twilio-base-url ${url}`)
  if (options.settleTime < 2 * options.callTimeout)
    wrong(
      '--settle-time must be at least twice --call-timeout: so long an unanswered create may still take effect',
    )
  if (options.settlingPollInterval > options.pollInterval)
    wrong('--settling-poll-interval must not be longer than --poll-interval')
  if (options.renewDeadline >= options.leaseDuration)
    wrong('--renew-deadline must be shorter than --lease-duration')
  if (options.retryPeriod >= options.renewDeadline)
    wrong('--retry-period must be shorter than --renew-deadline')
  const both = (options.defaultAccountSid === undefined) === (options.defaultAccountSecret === undefined)
  if (!both) wrong('--default-account-sid and --default-account-secret must be given together')
  if (options.defaultAccountSid !== undefined && options.defaultAccount !== undefined) {
    wrong('--default-account names an account that exists, --default-account-sid makes one: give one of them')
  }
}

function help(): string {
  const width = Math.max(...OPTIONS.map(({ name }) => name.length)) + 4
  const lines = OPTIONS.map(
    ({ name, meaning, default: value }) =>
      `  --${name.padEnd(width)}${meaning}${value === undefined ? '' : ` (${value})`}`,
  )
  return [
    'twilio-sink-operator: keeps Twilio Event Streams Sinks as Sink objects say',
    '',
    'Each flag is also read from an environment variable: --poll-interval = POLL_INTERVAL.',
    '',
    ...lines,
  ].join('\n')
}
