import * as kinds from './kinds.ts'
import type { ValueKind } from './kinds.ts'

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
      'kubeconfig file to use; default: the ServiceAccount of the pod, else $KUBECONFIG, else ~/.kube/config',
    ),
    // `KUBECONFIG` may be a list of files and comes last, so it is left to the search for a kubeconfig.
    onlyOnCommandLine: true,
  },
  watchNamespaces: optional(
    'watch-namespaces',
    kinds.NAMESPACES,
    'namespaces to watch, separated by commas; default: all namespaces',
  ),
  namespace: {
    ...flag(
      'namespace',
      kinds.NAMESPACE,
      'default',
      "the operator's own namespace; if not set, $POD_NAMESPACE is used",
    ),
    fallback: 'POD_NAMESPACE',
  },
  defaultAccount: optional(
    'default-account',
    kinds.OBJECT_KEY,
    'namespace/name of the TwilioAccount for Sinks that name none and have no TwilioAccount "default" in their namespace',
  ),
  defaultAccountSid: {
    ...optional(
      'default-account-sid',
      kinds.ACCOUNT_SID,
      'SID of a Twilio account; the operator creates a TwilioAccount "default" for it in its own namespace, for Sinks of all namespaces',
    ),
    mayHoldCredential: true,
  },
  defaultAccountSecret: {
    ...optional(
      'default-account-secret',
      kinds.OBJECT_NAME,
      "name of the Secret with the credentials of that account, in the operator's own namespace",
    ),
    mayHoldCredential: true,
  },
  defaultAccountImports: flag(
    'default-account-imports',
    kinds.IMPORTS,
    'Same',
    'which Sinks may import existing sinks through that account: those of its own namespace (Same) or all (Allowed)',
  ),
  requireSecretLabel: flag(
    'require-secret-label',
    kinds.BOOLEAN,
    'false',
    'read only Secrets with the label events.twilio.com/usable-by: "sinks" for values of Sinks, "twilioaccounts" for credentials',
  ),
  twilioBaseUrl: flag(
    'twilio-base-url',
    kinds.TEXT,
    'https://events.twilio.com',
    'base URL of the Twilio Events API; must be https, except on a loopback address',
  ),
  installationId: optional(
    'installation-id',
    kinds.TEXT,
    'id of this installation in ownership marks; default: the UID of the namespace kube-system, or of the own namespace if that one may not be read',
  ),
  pollInterval: flag(
    'poll-interval',
    kinds.DURATION,
    '5m',
    'how often an account is polled while none of its sinks is changing',
  ),
  settlingPollInterval: flag(
    'settling-poll-interval',
    kinds.DURATION,
    '15s',
    'how often an account is polled while one of its sinks is changing, and how often a missing or wrong Secret is read again',
  ),
  callTimeout: flag('call-timeout', kinds.DURATION, '15s', 'timeout of one call to Twilio'),
  settleTime: flag(
    'settle-time',
    kinds.DURATION,
    '60s',
    'how long a create that Twilio has not answered may still take effect; at least twice call-timeout',
  ),
  maxConcurrentReconciles: flag(
    'max-concurrent-reconciles',
    kinds.COUNT,
    '64',
    'how many Sinks are reconciled at the same time',
  ),
  maxCallsPerAccount: flag(
    'max-calls-per-account',
    kinds.COUNT,
    '4',
    'how many calls to Twilio run at the same time for one account',
  ),
  leaderElect: flag(
    'leader-elect',
    kinds.BOOLEAN,
    'true',
    'use leader election: of several replicas only the one that holds the Lease acts; false is for a process that runs alone',
  ),
  leaseDuration: flag(
    'lease-duration',
    kinds.DURATION,
    '15s',
    'how long the other replicas wait before they take over a Lease that is not renewed',
  ),
  renewDeadline: flag(
    'renew-deadline',
    kinds.DURATION,
    '10s',
    'how long the leader may fail to renew its Lease before it exits',
  ),
  retryPeriod: flag(
    'retry-period',
    kinds.DURATION,
    '2s',
    'how often the leader renews its Lease and the other replicas check it',
  ),
  metricsAddress: flag('metrics-address', kinds.ADDRESS, ':8080', 'address of /metrics; 0 turns it off'),
  healthAddress: flag(
    'health-address',
    kinds.ADDRESS,
    ':8081',
    'address of /healthz and /readyz; 0 turns them off',
  ),
  logLevel: flag('log-level', kinds.LOG_LEVEL, 'info', 'lowest log level that is written'),
}

export const FLAGS: readonly Flag<unknown>[] = Object.values(OPTIONS)

export const variableOf = (name: string): string => name.toUpperCase().replaceAll('-', '_')
