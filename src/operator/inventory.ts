import { findCondition } from '../api/condition.ts'
import { installationPart } from '../external/ownership-mark.ts'
import type { InventoryAccount, InventorySink, InventorySources } from '../observability/metrics.ts'
import { holdsChanges } from '../reconciler/memory/account-registry.ts'
import { accountNameOf, partialSink, readable } from '../reconciler/memory/account-of-sink.ts'
import type { ReconcileContext } from '../reconciler/context.ts'
import type { TwilioAccount } from '../api/twilio-account.ts'
import type { CachedObject } from '../reconciler/ports.ts'
import type { Twilio } from '../twilio/client.ts'

/** What the gauges show, read at the scrape. Who does not lead shows none, so that all replicas can be summed up. */
export const inventoryOf = (
  s: ReconcileContext,
  isLeading: () => boolean,
  { inFlight }: Pick<Twilio, 'inFlight'>,
): InventorySources => ({
  sinks: () => (isLeading() ? sinkInventory(s) : []),
  accounts: () => (isLeading() ? accountInventory(s) : []),
  inFlight,
  unreadNamespaces: () => s.settings.unreadNamespaces(),
  now: () => s.clock.now(),
})

export function* sinkInventory(s: ReconcileContext): Iterable<InventorySink> {
  for (const cached of s.sinks.all()) {
    const sink = partialSink(cached)
    if (sink === undefined) continue
    const { metadata, status } = sink
    const conditions = status.conditions ?? []
    const blocked = findCondition(conditions, 'DeletionBlocked')
    yield {
      namespace: metadata.namespace,
      sinkStatus: status.sinkStatus,
      ready: findCondition(conditions, 'Ready')?.status ?? 'Unknown',
      unused: status.subscriptions?.length === 0,
      duplicate: findCondition(conditions, 'DuplicateFound') !== undefined,
      conditions,
      account: accountNameOf(sink, s.accounts, s.settings.defaultAccount),
      deletionBlocked:
        blocked === undefined
          ? undefined
          : { reason: blocked.reason, since: Date.parse(blocked.lastTransitionTime) },
    }
  }
}

export function* accountInventory(s: ReconcileContext): Iterable<InventoryAccount> {
  const ours = installationPart(s.settings.installationId)
  for (const entry of s.registry.all()) {
    const { name, snapshot, limit, trouble, verified } = entry
    const counts = { owned: 0, foreign: 0, unownedMarked: 0, unmarked: 0 }
    for (const { sink, mark } of snapshot.sinks.values()) {
      if (s.index.claims(sink.sid).some(({ kind }) => kind === 'recorded')) counts.owned += 1
      else if (mark === undefined) counts.unmarked += 1
      else if (mark.installation !== ours) counts.foreign += 1
      else counts.unownedMarked += 1
    }
    const [list] = snapshot.lists
    const age = list === undefined ? undefined : s.clock.monotonic() - list.beganAt
    yield {
      name,
      ...counts,
      limit,
      lastPollAt: age === undefined ? undefined : s.clock.now() - age,
      // What is known of an object that cannot be read is from before.
      credentialsValid: verified && trouble === undefined && readable(s.accounts.get(name)) !== undefined,
      changesHeld: holdsChanges(entry),
      conditions: statusOf(s.accounts.get(name))?.conditions ?? [],
    }
  }
}

/** Also of an object that cannot be read as a whole. */
const statusOf = (cached: CachedObject<TwilioAccount> | undefined) =>
  cached?.readable === true ? cached.object.status : cached?.partial?.status
