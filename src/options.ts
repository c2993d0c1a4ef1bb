import type { Options } from './chosen-options.ts'
import { optionHelp } from './option-help.ts'
import { brokenRule } from './option-rules.ts'
import { createOptionReader } from './option-reader.ts'
import { FLAGS, OPTIONS } from './option-table.ts'
import { optionTexts, type Environment } from './option-texts.ts'
import { UsageError } from './usage-error.ts'

export type { Options } from './chosen-options.ts'

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
