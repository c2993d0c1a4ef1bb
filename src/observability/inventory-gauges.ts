import type { Gauge } from 'prom-client'
import type { Instruments } from './instruments.ts'
import { REASONS_BY_CONDITION } from '../api/condition.ts'

/** One Sink, as the gauges count it. */
export interface InventorySink {
  readonly namespace: string
  /** Twilio's word; undefined while there is no external sink. */
  readonly sinkStatus?: string | undefined
  readonly ready: 'True' | 'False' | 'Unknown'
  /** No subscription uses it. */
  readonly unused: boolean
  readonly duplicate: boolean
  /** `namespace/name` of its TwilioAccount. */
  readonly account: string
  readonly conditions: readonly InventoryCondition[]
  /** `since` in milliseconds since the epoch. */
  readonly deletionBlocked?: { readonly reason: string; readonly since: number } | undefined
}

export interface InventoryCondition {
  readonly type: string
  readonly reason: string
}

export interface InventoryAccount {
  /** `namespace/name`. */
  readonly name: string
  readonly owned: number
  /** With the mark of another installation. */
  readonly foreign: number
  /** With our mark, but no Sink has recorded them. */
  readonly unownedMarked: number
  readonly unmarked: number
  readonly limit: number
  /** Milliseconds since the epoch. */
  readonly lastPollAt?: number | undefined
  readonly credentialsValid: boolean
  readonly changesHeld: boolean
  readonly conditions: readonly InventoryCondition[]
}

export interface InventorySources {
  readonly sinks: () => Iterable<InventorySink>
  readonly accounts: () => Iterable<InventoryAccount>
  /** Requests to Twilio in flight, by account. */
  readonly inFlight: () => ReadonlyMap<string, number>
  /** Watched namespaces that the API server has refused since the start. */
  readonly unreadNamespaces: () => readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Gauges that are read at every scrape, so that nothing has to be counted along the way. */
export interface InventoryGauges {
  collectFrom(sources: InventorySources): void
}

export function createInventoryGauges(make: Instruments): InventoryGauges {
  const sinks = sinkGauges(make)
  const accounts = accountGauges(make)
  const unread = make.gauge(
    'twilio_operator_unread_namespaces',
    '1 for each watched namespace that the API server refuses to list, so that the operator has started without it.',
    'namespace',
  )
  const gauges = [...Object.values(sinks), ...Object.values(accounts), unread]
  return {
    collectFrom: (sources) => {
      make.beforeScrape(() => {
        // Series of what is gone must not stay.
        for (const gauge of gauges) gauge.reset()
        for (const account of sources.accounts()) showAccount(accounts, account, sinks.duplicates)
        showSinks(sinks, sources.sinks(), sources.now())
        for (const namespace of sources.unreadNamespaces()) unread.labels(namespace).set(1)
        for (const [account, calls] of sources.inFlight()) accounts.inFlight.labels(account).set(calls)
      })
    },
  }
}

type SinkGauges = ReturnType<typeof sinkGauges>
type AccountGauges = ReturnType<typeof accountGauges>

function sinkGauges(make: Instruments) {
  return {
    objects: make.gauge(
      'twilio_sink_objects',
      "Sink objects, by Twilio's status of the sink and by the status of their condition Ready.",
      'namespace',
      'sink_status',
      'ready',
    ),
    conditions: make.gauge(
      'twilio_sink_conditions',
      'Sinks, by the reasons of their conditions: why Sinks are not Ready, and what they wait for.',
      'namespace',
      'type',
      'reason',
    ),
    unused: make.gauge('twilio_sink_unused', 'Sinks that no subscription uses.', 'namespace'),
    blocked: make.gauge('twilio_sink_deletions_blocked', 'Sinks whose deletion is blocked.', 'reason'),
    oldest: make.gauge(
      'twilio_sink_oldest_blocked_deletion_seconds',
      'How long the oldest blocked deletion has been blocked.',
      'reason',
    ),
    duplicates: make.gauge('twilio_sink_duplicates', 'Sinks that have a second sink at Twilio.', 'account'),
  }
}

function accountGauges(make: Instruments) {
  return {
    external: make.gauge(
      'twilio_external_sinks',
      'Sinks at Twilio. `owned`: a Sink has recorded them. `unowned_marked`: they have our mark, but no Sink has recorded them. ' +
        '`foreign`: they have the mark of another installation. `unmarked`: they have no mark.',
      'account',
      'ownership',
    ),
    limit: make.gauge(
      'twilio_external_sinks_limit',
      'Number of sinks that Twilio allows in the account.',
      'account',
    ),
    polled: make.gauge(
      'twilio_account_last_successful_poll_timestamp_seconds',
      'Start of the last complete LIST, in seconds since the epoch.',
      'account',
    ),
    valid: make.gauge(
      'twilio_account_credentials_valid',
      '1 while Twilio accepts the credentials.',
      'account',
    ),
    held: make.gauge('twilio_account_changes_held', '1 while the account holds changes.', 'account'),
    inFlight: make.gauge('twilio_api_in_flight', 'Requests to Twilio that are in progress.', 'account'),
    conditions: make.gauge(
      'twilio_account_conditions',
      '1 for each condition of the TwilioAccount, with its reason.',
      'account',
      'type',
      'reason',
    ),
  }
}

const KNOWN_STATUS: readonly string[] = ['initialized', 'validating', 'active', 'failed']

/** Bounded, also for values that Twilio may add one day. */
function statusLabel(status: string | undefined): string {
  if (status === undefined) return 'none'
  return KNOWN_STATUS.includes(status) ? status : 'other'
}

/** Bounded, whatever another version has written. */
function conditionLabels({ type, reason }: InventoryCondition): [string, string] {
  const reasons = REASONS_BY_CONDITION.get(type)
  if (reasons === undefined) return ['other', 'other']
  return [type, reasons.has(reason) ? reason : 'other']
}

function showSinks(gauges: SinkGauges, sinks: Iterable<InventorySink>, now: number): void {
  const oldest = new Map<string, number>()
  for (const {
    namespace,
    sinkStatus,
    ready,
    unused,
    duplicate,
    account,
    conditions,
    deletionBlocked,
  } of sinks) {
    for (const one of conditions) gauges.conditions.labels(namespace, ...conditionLabels(one)).inc()
    gauges.objects.labels(namespace, statusLabel(sinkStatus), ready).inc()
    gauges.unused.labels(namespace).inc(unused ? 1 : 0)
    if (duplicate) gauges.duplicates.labels(account).inc()
    if (deletionBlocked === undefined) continue
    const { reason, since } = deletionBlocked
    gauges.blocked.labels(reason).inc()
    oldest.set(reason, Math.max(oldest.get(reason) ?? 0, (now - since) / 1000))
  }
  for (const [reason, age] of oldest) gauges.oldest.labels(reason).set(age)
}

/** Starts the count of duplicates of the account, too. */
function showAccount(gauges: AccountGauges, account: InventoryAccount, duplicates: Gauge): void {
  const { name, owned, foreign, unownedMarked, unmarked, limit, lastPollAt } = account
  const counts = { owned, foreign, unowned_marked: unownedMarked, unmarked }
  for (const [ownership, count] of Object.entries(counts)) gauges.external.labels(name, ownership).set(count)
  gauges.limit.labels(name).set(limit)
  if (lastPollAt !== undefined) gauges.polled.labels(name).set(lastPollAt / 1000)
  gauges.valid.labels(name).set(account.credentialsValid ? 1 : 0)
  gauges.held.labels(name).set(account.changesHeld ? 1 : 0)
  for (const one of account.conditions) gauges.conditions.labels(name, ...conditionLabels(one)).set(1)
  duplicates.labels(name).set(0)
  gauges.inFlight.labels(name).set(0)
}
