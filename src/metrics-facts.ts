import { Gauge, type Registry } from 'prom-client'

/** One Sink, as the gauges count it. */
export interface SinkFact {
  readonly namespace: string
  readonly sinkStatus: string | undefined
  readonly ready: 'True' | 'False' | 'Unknown'
  /** No subscription uses it. */
  readonly unused: boolean
  readonly duplicate: boolean
  readonly account: string
  /** `since` in milliseconds since the epoch. */
  readonly deletionBlocked: { readonly reason: string; readonly since: number } | undefined
}

export interface AccountFact {
  readonly name: string
  readonly owned: number
  /** With the mark of another installation. */
  readonly foreign: number
  /** With our mark, but no Sink has recorded them. */
  readonly unownedMarked: number
  readonly unmarked: number
  readonly limit: number
  /** Milliseconds since the epoch. */
  readonly lastPollAt: number | undefined
  readonly credentialsValid: boolean
  readonly changesHeld: boolean
}

export interface FactSources {
  readonly sinks: () => Iterable<SinkFact>
  readonly accounts: () => Iterable<AccountFact>
  /** Requests under way at Twilio, by account. */
  readonly inFlight: () => ReadonlyMap<string, number>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const KNOWN_STATUS = ['initialized', 'validating', 'active', 'failed']

/** Gauges that are read at the scrape, so that nothing has to be counted along the way. */
export function createFactGauges(registry: Registry, sources: FactSources): void {
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  const sinks = {
    objects: gauge('twilio_sink_objects', 'Sink objects.', 'namespace', 'sink_status', 'ready'),
    unused: gauge('twilio_sink_unused', 'Sinks that no subscription uses.', 'namespace'),
    blocked: gauge('twilio_sink_deletions_blocked', 'Deletions that wait.', 'reason'),
    oldest: gauge(
      'twilio_sink_oldest_blocked_deletion_seconds',
      'How long the oldest of them has been waiting.',
      'reason',
    ),
    duplicates: gauge('twilio_sink_duplicates', 'Sinks with a second external sink.', 'account'),
  }
  const accounts = {
    external: gauge('twilio_external_sinks', 'Sinks at Twilio.', 'account', 'ownership'),
    limit: gauge('twilio_external_sinks_limit', 'How many sinks Twilio allows.', 'account'),
    polled: gauge('twilio_account_last_successful_poll_timestamp_seconds', 'Last complete LIST.', 'account'),
    valid: gauge('twilio_account_credentials_valid', 'Whether Twilio accepts the credentials.', 'account'),
    held: gauge('twilio_account_changes_held', 'Whether the account holds changes.', 'account'),
  }
  const inFlight = gauge('twilio_api_in_flight', 'Requests to Twilio under way.', 'account')
  new Gauge({
    name: 'twilio_operator_scrape_facts',
    help: 'Sinks and accounts that the last scrape has looked at.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      for (const one of [...Object.values(sinks), ...Object.values(accounts), inFlight]) one.reset()
      this.labels('sink').set(collectSinks(sinks, sources))
      this.labels('account').set(collectAccounts(accounts, sources))
      for (const [account, calls] of sources.inFlight()) inFlight.labels(account).set(calls)
    },
  })
}

type Gauges<Name extends string> = Readonly<Record<Name, Gauge>>

function collectSinks(
  gauges: Gauges<'objects' | 'unused' | 'blocked' | 'oldest' | 'duplicates'>,
  { sinks, now }: FactSources,
): number {
  const oldest = new Map<string, number>()
  let seen = 0
  for (const sink of sinks()) {
    seen += 1
    const status =
      sink.sinkStatus === undefined
        ? 'none'
        : KNOWN_STATUS.includes(sink.sinkStatus)
          ? sink.sinkStatus
          : 'other'
    gauges.objects.labels(sink.namespace, status, sink.ready).inc()
    if (sink.unused) gauges.unused.labels(sink.namespace).inc()
    if (sink.duplicate) gauges.duplicates.labels(sink.account).inc()
    if (sink.deletionBlocked === undefined) continue
    const { reason, since } = sink.deletionBlocked
    gauges.blocked.labels(reason).inc()
    oldest.set(reason, Math.max(oldest.get(reason) ?? 0, (now() - since) / 1000))
  }
  for (const [reason, age] of oldest) gauges.oldest.labels(reason).set(age)
  return seen
}

function collectAccounts(
  gauges: Gauges<'external' | 'limit' | 'polled' | 'valid' | 'held'>,
  { accounts }: FactSources,
): number {
  let seen = 0
  for (const account of accounts()) {
    seen += 1
    const { name, owned, foreign, unownedMarked, unmarked } = account
    const counts = { owned, foreign, unowned_marked: unownedMarked, unmarked }
    for (const [ownership, count] of Object.entries(counts))
      gauges.external.labels(name, ownership).set(count)
    gauges.limit.labels(name).set(account.limit)
    if (account.lastPollAt !== undefined) gauges.polled.labels(name).set(account.lastPollAt / 1000)
    gauges.valid.labels(name).set(account.credentialsValid ? 1 : 0)
    gauges.held.labels(name).set(account.changesHeld ? 1 : 0)
  }
  return seen
}
