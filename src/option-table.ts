import * as kinds from './option-values.ts'
import type { ValueKind } from './option-values.ts'

export interface Flag<T> {
  /** `poll-interval`: the flag is `--poll-interval`, its environment variable `POLL_INTERVAL`. */
  readonly name: string
  readonly kind: ValueKind<T>
  /** In the words that a user would write. */
  readonly default: string | undefined
  readonly meaning: string
  /** Another variable that counts when neither the flag nor its own variable is set. */
  readonly fallback?: string
  /** Its variable, if set, means something else, or nobody should set it once and for all. */
  readonly onlyOnCommandLine?: boolean
  /** People take it for the place of a credential, so what is wrong there is not repeated. */
  readonly mayHoldCredential?: boolean
}

/** A flag whose value is always known. */
export interface FlagWithDefault<T> extends Flag<T> {
  readonly default: string
}

function flag<T>(name: string, kind: ValueKind<T>, value: string, meaning: string): FlagWithDefault<T> {
  return { name, kind, default: value, meaning }
}

function optional<T>(name: string, kind: ValueKind<T>, meaning: string): Flag<T> {
  return { name, kind, default: undefined, meaning }
}

/** Parsing, `--help` and docs/options.md come from this one table. */
export const OPTIONS = {
  kubeconfig: {
    ...optional(
      'kubeconfig',
      kinds.TEXT,
      'file that says where the API server is; else the pod knows, else $KUBECONFIG, else ~/.kube/config',
    ),
    // `KUBECONFIG` may be a list of files and comes last, so it is left to the search for a kubeconfig.
    onlyOnCommandLine: true,
  },
  watchNamespaces: optional(
    'watch-namespaces',
    kinds.NAMESPACES,
    'namespaces to watch, separated by commas; else all',
  ),
  namespace: {
    ...flag('namespace', kinds.NAMESPACE, 'default', "the operator's own namespace; else $POD_NAMESPACE"),
    fallback: 'POD_NAMESPACE',
  },
  defaultAccount: optional(
    'default-account',
    kinds.OBJECT_KEY,
    'namespace/name of the TwilioAccount for Sinks that name none',
  ),
  defaultAccountSid: {
    ...optional(
      'default-account-sid',
      kinds.ACCOUNT_SID,
      'makes a TwilioAccount "default" of this Twilio account in the own namespace, open to all namespaces',
    ),
    mayHoldCredential: true,
  },
  defaultAccountSecret: {
    ...optional(
      'default-account-secret',
      kinds.OBJECT_NAME,
      'name of the Secret in the own namespace with its credentials',
    ),
    mayHoldCredential: true,
  },
  defaultAccountImports: flag(
    'default-account-imports',
    kinds.IMPORTS,
    'Same',
    'whose Sinks may import existing sinks through that account: of its own namespace (Same), or all (Allowed)',
  ),
  requireSecretLabel: flag(
    'require-secret-label',
    kinds.BOOLEAN,
    'false',
    'read only Secrets with the label events.twilio.com/usable-by: "sinks" for Sinks, "twilioaccounts" for credentials',
  ),
  twilioBaseUrl: flag(
    'twilio-base-url',
    kinds.TEXT,
    'https://events.twilio.com',
    'where the Events API is; https only, except on loopback',
  ),
  installationId: optional(
    'installation-id',
    kinds.TEXT,
    'tells this installation from others in ownership marks; else the UID of the namespace kube-system',
  ),
  pollInterval: flag('poll-interval', kinds.DURATION, '5m', 'polling interval of an account at rest'),
  settlingPollInterval: flag(
    'settling-poll-interval',
    kinds.DURATION,
    '15s',
    'polling interval of an account with a sink that is still changing; also how often a missing or wrong Secret is read again',
  ),
  callTimeout: flag('call-timeout', kinds.DURATION, '15s', 'how long one call to Twilio may take'),
  settleTime: flag(
    'settle-time',
    kinds.DURATION,
    '60s',
    'how long a create without an answer may still take effect; at least twice call-timeout',
  ),
  maxConcurrentReconciles: flag(
    'max-concurrent-reconciles',
    kinds.COUNT,
    '64',
    'how many Sinks are worked on at a time',
  ),
  maxCallsPerAccount: flag(
    'max-calls-per-account',
    kinds.COUNT,
    '4',
    'how many calls to Twilio run at a time for one account',
  ),
  leaderElect: flag(
    'leader-elect',
    kinds.BOOLEAN,
    'true',
    'of several replicas only the one that holds the Lease acts; false: this process is the only one',
  ),
  leaseDuration: flag(
    'lease-duration',
    kinds.DURATION,
    '15s',
    'how long the others wait for a leader that does not renew its Lease',
  ),
  renewDeadline: flag(
    'renew-deadline',
    kinds.DURATION,
    '10s',
    'how long a leader may go without renewing its Lease before it ends',
  ),
  retryPeriod: flag(
    'retry-period',
    kinds.DURATION,
    '2s',
    'how often the leader renews its Lease, and the others look at it',
  ),
  metricsAddress: flag(
    'metrics-address',
    kinds.ADDRESS,
    ':8080',
    'where /metrics is served; 0 switches it off',
  ),
  healthAddress: flag(
    'health-address',
    kinds.ADDRESS,
    ':8081',
    'where /healthz and /readyz are served; 0 switches them off',
  ),
  logLevel: flag('log-level', kinds.LOG_LEVEL, 'info', 'the least serious lines to write'),
}

export const FLAGS: readonly Flag<unknown>[] = Object.values(OPTIONS)

export const variableOf = (name: string): string => name.toUpperCase().replaceAll('-', '_')
