export interface Flag {
  readonly name: OptionName
  readonly kind: 'text' | 'boolean'
  readonly default?: string
  readonly meaning: string
}

const flag = <Name extends string>(name: Name, meaning: string, value?: string) => ({
  name,
  kind: 'text' as const,
  meaning,
  ...(value === undefined ? {} : { default: value }),
})

/** Parsing, `--help` and docs/options.md come from this one table. */
const TABLE = [
  flag('kubeconfig', 'kubeconfig file; else in-cluster, else $KUBECONFIG, else ~/.kube/config'),
  flag('watch-namespaces', 'comma list of namespaces; else all'),
  flag('namespace', "the operator's own namespace; also $POD_NAMESPACE", 'default'),
  flag('default-account', 'namespace/name of the TwilioAccount for Sinks that name none'),
  flag(
    'default-account-sid',
    'makes a TwilioAccount "default" for this account in the own namespace at the start',
  ),
  flag('default-account-secret', 'name of its Secret in the own namespace'),
  flag(
    'twilio-base-url',
    'where the Events API is; https only, except loopback',
    'https://events.twilio.com',
  ),
  flag('installation-id', 'part of the ownership mark; else the UID of the namespace kube-system'),
  flag('poll-interval', 'per account: LISTs at rest', '5m'),
  flag(
    'settling-poll-interval',
    'per account: LISTs while a sink is on its way; looks at what is waited for',
    '15s',
  ),
  flag('call-timeout', 'one call at Twilio', '15s'),
  flag(
    'settle-time',
    'how long an unanswered create may still take effect; at least 2 x call-timeout',
    '60s',
  ),
  flag('max-concurrent-reconciles', 'passes at a time', '64'),
  flag('max-calls-per-account', 'calls in flight per Twilio account', '4'),
  { ...flag('leader-elect', 'take part in the election of a leader', 'true'), kind: 'boolean' as const },
  flag('lease-duration', 'how long a lease is believed', '15s'),
  flag('renew-deadline', 'how long the leader tries to renew it', '10s'),
  flag('retry-period', 'between two tries', '2s'),
  flag('metrics-address', 'where /metrics is served; 0 switches it off', ':8080'),
  flag('health-address', 'where /healthz and /readyz are served; 0 switches it off', ':8081'),
  flag('log-level', 'trace, debug, info, warn, error, fatal or silent', 'info'),
]

export type OptionName = (typeof TABLE)[number]['name']
export const OPTIONS: readonly Flag[] = TABLE
