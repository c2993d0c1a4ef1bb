import { optionHelp, createOptionReader, UsageError } from './reader.ts'
import { FLAGS, OPTIONS } from './table.ts'
import { optionTexts, type Environment } from './sources.ts'
import type { Address } from './kinds.ts'

/** All durations are in milliseconds. */
export interface Options {
  /** Only from the flag: `$KUBECONFIG` is looked at later. */
  readonly kubeconfig: string | undefined
  /** Empty: all. */
  readonly watchNamespaces: readonly string[]
  readonly namespace: string
  readonly defaultAccount: string | undefined
  readonly defaultAccountSid: string | undefined
  readonly defaultAccountSecret: string | undefined
  readonly defaultAccountImports: 'Same' | 'Allowed'
  readonly requireSecretLabel: boolean
  readonly twilioBaseUrl: string
  readonly installationId: string | undefined
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

export type OptionsReading =
  | { readonly ok: true; readonly options: Options }
  /** One line that names the option and what is wrong with it. */
  | { readonly ok: false; readonly problem: string }
  | { readonly ok: 'help'; readonly text: string }

const ABOUT = [
  'twilio-sink-operator [run]: runs the Kubernetes operator for sinks of Twilio Event Streams',
  '',
  'Each option can also be set by an environment variable, such as POLL_INTERVAL for --poll-interval.',
]

/** `checkBaseUrl` says what is wrong with the URL of Twilio, without quoting it. */
export function readOptions(
  argv: readonly string[],
  environment: Environment,
  checkBaseUrl: (text: string) => string | undefined,
): OptionsReading {
  if (argv.includes('--help') || argv.includes('-h')) return { ok: 'help', text: optionHelp(ABOUT, FLAGS) }
  try {
    const options = parse(optionTexts(FLAGS, argv, environment))
    const url = checkBaseUrl(options.twilioBaseUrl)
    const problem = url === undefined ? brokenRule(options) : `--${OPTIONS.twilioBaseUrl.name} ${url}`
    return problem === undefined ? { ok: true, options } : { ok: false, problem }
  } catch (error) {
    if (error instanceof UsageError) return { ok: false, problem: error.message }
    throw error
  }
}

function parse(texts: ReadonlyMap<string, string>): Options {
  const { read, optional } = createOptionReader(texts)
  return {
    kubeconfig: optional(OPTIONS.kubeconfig),
    watchNamespaces: optional(OPTIONS.watchNamespaces) ?? [],
    namespace: read(OPTIONS.namespace),
    defaultAccount: optional(OPTIONS.defaultAccount),
    defaultAccountSid: optional(OPTIONS.defaultAccountSid),
    defaultAccountSecret: optional(OPTIONS.defaultAccountSecret),
    defaultAccountImports: read(OPTIONS.defaultAccountImports),
    requireSecretLabel: read(OPTIONS.requireSecretLabel),
    twilioBaseUrl: read(OPTIONS.twilioBaseUrl),
    installationId: optional(OPTIONS.installationId),
    pollInterval: read(OPTIONS.pollInterval),
    settlingPollInterval: read(OPTIONS.settlingPollInterval),
    callTimeout: read(OPTIONS.callTimeout),
    settleTime: read(OPTIONS.settleTime),
    maxConcurrentReconciles: read(OPTIONS.maxConcurrentReconciles),
    maxCallsPerAccount: read(OPTIONS.maxCallsPerAccount),
    leaderElect: read(OPTIONS.leaderElect),
    leaseDuration: read(OPTIONS.leaseDuration),
    renewDeadline: read(OPTIONS.renewDeadline),
    retryPeriod: read(OPTIONS.retryPeriod),
    metricsAddress: read(OPTIONS.metricsAddress),
    healthAddress: read(OPTIONS.healthAddress),
    logLevel: read(OPTIONS.logLevel),
  }
}

interface Rule {
  readonly isMet: (options: Options) => boolean
  readonly otherwise: string
}

/** What two options must be to each other. */
const RULES: readonly Rule[] = [
  {
    isMet: ({ settleTime, callTimeout }) => settleTime >= 2 * callTimeout,
    otherwise:
      '--settle-time must be at least twice --call-timeout: a create must not be repeated while Twilio may still process the first one',
  },
  {
    isMet: ({ settlingPollInterval, pollInterval }) => settlingPollInterval <= pollInterval,
    otherwise: '--settling-poll-interval must not be longer than --poll-interval',
  },
  {
    isMet: ({ renewDeadline, leaseDuration }) => renewDeadline < leaseDuration,
    otherwise: '--renew-deadline must be shorter than --lease-duration',
  },
  {
    isMet: ({ retryPeriod, renewDeadline }) => retryPeriod < renewDeadline,
    otherwise: '--retry-period must be shorter than --renew-deadline',
  },
  {
    isMet: ({ defaultAccountSid: sid, defaultAccountSecret: secret }) =>
      (sid === undefined) === (secret === undefined),
    otherwise: '--default-account-sid and --default-account-secret must be given together',
  },
  {
    isMet: ({ defaultAccountSid, defaultAccount }) =>
      defaultAccountSid === undefined || defaultAccount === undefined,
    otherwise:
      '--default-account names an existing TwilioAccount, --default-account-sid creates one: give only one of them',
  },
  {
    isMet: ({ defaultAccountSid, defaultAccountImports }) =>
      defaultAccountSid !== undefined || defaultAccountImports === 'Same',
    otherwise:
      '--default-account-imports only applies to the TwilioAccount that --default-account-sid creates: ' +
      'on any other TwilioAccount set spec.imports',
  },
]

/** The first rule that is broken, in words for the user. */
function brokenRule(options: Options): string | undefined {
  return RULES.find(({ isMet }) => !isMet(options))?.otherwise
}
