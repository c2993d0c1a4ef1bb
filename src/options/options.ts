import { z } from 'zod'
import { firstBroken, flag, listFlag, optionalFlag, type OptionRule } from './flag.ts'
import * as kinds from './kinds.ts'
import type { CommandOptions } from './read-options.ts'

/**
 * The options of the operator: their type, reading, `--help` and docs/options.md come from this one table. All durations
 * are in milliseconds.
 */
const FLAGS = z.object({
  kubeconfig: optionalFlag(
    kinds.TEXT,
    'kubeconfig file to use; default: the ServiceAccount of the pod, else $KUBECONFIG, else ~/.kube/config',
    // `KUBECONFIG` may be a list of files and comes last, so it is left to the search for a kubeconfig.
    { onlyOnCommandLine: true },
  ),
  watchNamespaces: listFlag(
    kinds.NAMESPACES,
    'namespaces to watch, separated by commas; default: all namespaces',
  ),
  namespace: flag(
    kinds.NAMESPACE,
    'default',
    "the operator's own namespace; if not set, $POD_NAMESPACE is used",
    { fallback: 'POD_NAMESPACE' },
  ),
  defaultAccount: optionalFlag(
    kinds.OBJECT_KEY,
    'namespace/name of the TwilioAccount for Sinks that name none and have no TwilioAccount "default" in their namespace',
  ),
  defaultAccountSid: optionalFlag(
    kinds.ACCOUNT_SID,
    'SID of a Twilio account; the operator creates a TwilioAccount "default" for it in its own namespace, for Sinks that name none',
    { mayHoldCredential: true },
  ),
  defaultAccountSecret: optionalFlag(
    kinds.OBJECT_NAME,
    "name of the Secret with the credentials of that account, in the operator's own namespace",
    { mayHoldCredential: true },
  ),
  defaultAccountImports: flag(
    kinds.IMPORTS,
    'Same',
    'which Sinks may import existing sinks through that account: those of its own namespace (Same) or all (Allowed)',
  ),
  defaultAccountAllowedNamespaces: flag(
    kinds.ALLOWED_NAMESPACES,
    'All',
    'which namespaces may use that account: only its own (Same), all (All), or those with the given labels',
  ),
  requireSecretLabel: flag(
    kinds.BOOLEAN,
    'false',
    'read only Secrets with the label events.twilio.com/usable-by: "sinks" for values of Sinks, "twilioaccounts" for credentials',
  ),
  twilioBaseUrl: flag(
    kinds.TWILIO_URL,
    'https://events.twilio.com',
    'base URL of the Twilio Events API; must be https, except on a loopback address',
  ),
  installationId: optionalFlag(
    kinds.TEXT,
    'id of this installation in ownership marks; default: the UID of the namespace kube-system, or of the own namespace if that one may not be read',
  ),
  pollInterval: flag(
    kinds.DURATION,
    '5m',
    'how often an account is polled while none of its sinks is changing',
  ),
  settlingPollInterval: flag(
    kinds.DURATION,
    '15s',
    'how often an account is polled while one of its sinks is changing, and how often a missing, wrong or refused key is tried again',
  ),
  callTimeout: flag(kinds.DURATION, '15s', 'timeout of one call to Twilio'),
  settleTime: flag(
    kinds.DURATION,
    '60s',
    'how long a create that Twilio has not answered may still take effect; at least twice call-timeout',
  ),
  maxConcurrentReconciles: flag(
    kinds.COUNT,
    '64',
    'how many Sinks are reconciled at the same time; one that waits for its turn at Twilio does not count',
  ),
  maxCallsPerAccount: flag(kinds.COUNT, '4', 'how many calls to Twilio run at the same time for one account'),
  leaderElect: flag(
    kinds.BOOLEAN,
    'true',
    'use leader election: of several replicas only the one that holds the Lease acts; false is for a process that runs alone',
  ),
  leaseDuration: flag(
    kinds.DURATION,
    '15s',
    'how long the other replicas wait before they take over a Lease that is not renewed',
  ),
  renewDeadline: flag(
    kinds.DURATION,
    '10s',
    'how long the leader may fail to renew its Lease before it exits',
  ),
  retryPeriod: flag(
    kinds.DURATION,
    '2s',
    'how often the leader renews its Lease and the other replicas check it',
  ),
  metricsAddress: flag(kinds.ADDRESS, ':8080', 'address of /metrics; 0 turns it off'),
  healthAddress: flag(kinds.ADDRESS, ':8081', 'address of /healthz and /readyz; 0 turns them off'),
  logLevel: flag(
    kinds.LOG_LEVEL,
    'info',
    'lowest log level that is written: trace, debug, info, warn, error, fatal or silent',
  ),
})
export type Options = z.infer<typeof FLAGS>

/** What two options must be to each other. */
const RULES: readonly OptionRule<Options>[] = [
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
  {
    isMet: ({ defaultAccountSid, defaultAccountAllowedNamespaces: { from } }) =>
      defaultAccountSid !== undefined || from === 'All',
    otherwise:
      '--default-account-allowed-namespaces only applies to the TwilioAccount that --default-account-sid creates: ' +
      'on any other TwilioAccount set spec.allowedNamespaces',
  },
]

export const OPERATOR_OPTIONS: CommandOptions<typeof FLAGS> = {
  about: [
    'twilio-sink-operator [run]: runs the Kubernetes operator for sinks of Twilio Event Streams',
    '',
    'The other commands are export, release and help; help says what they do. --version prints the version.',
    '',
    'Each option can also be set by an environment variable, such as POLL_INTERVAL for --poll-interval.',
    'KUBECONFIG, HTTPS_PROXY, HTTP_PROXY and NO_PROXY have the same meaning as for kubectl.',
  ],
  schema: FLAGS.superRefine(firstBroken(RULES)),
}
