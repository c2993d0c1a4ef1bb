import { backoffMs } from '../../time/waiting.ts'
import type { AccountState } from '../memory/account-registry.ts'
import type { Polled } from './poll-account.ts'
import type { ReconcileContext } from '../context.ts'

/**
 * When an account is listed: at each poll, sooner while a sink is still changing, and when a LIST is needed to confirm
 * an absence.
 */

export function isDue(s: ReconcileContext, entry: AccountState): boolean {
  if (entry.connection === undefined) return false
  const now = s.clock.monotonic()
  if (now >= dueAt(s, entry)) return true
  const latest = entry.snapshot.lists[0]?.beganAt ?? -1
  // While Twilio refuses or does not answer, no request for a LIST shortens the interval.
  return entry.failures === 0 && entry.wantedFrom > latest && now >= entry.wantedFrom
}

/** A sink that has begun to move since the last poll brings the next one forward. */
function dueAt(s: ReconcileContext, entry: AccountState): number {
  const [latest] = entry.snapshot.lists
  if (entry.failures > 0 || latest === undefined) return entry.nextListAt
  return Math.min(entry.nextListAt, latest.beganAt + pollInterval(s, entry))
}

/** While a sink is still changing it is polled more often, for its first ten minutes. */
const SETTLING_FOR = 600_000
const JITTER = 0.1

export function schedule(s: ReconcileContext, entry: AccountState, polled: Polled): void {
  const { poll } = s.settings
  const now = s.clock.monotonic()
  if (polled.kind === 'discarded') {
    entry.nextListAt = 0
    return
  }
  const interval = polled.kind === 'listed' ? pollInterval(s, entry) : failedInterval(s, entry, polled)
  entry.nextListAt = now + Math.min(interval, poll) * (1 - JITTER * s.random())
}

function pollInterval({ clock, settings }: ReconcileContext, { changing }: AccountState): number {
  const now = clock.monotonic()
  const young = [...changing.values()].some((since) => now - since < SETTLING_FOR)
  return young ? settings.settlingPoll : settings.poll
}

/** Refused credentials cost one call per interval; an outage less and less, down to the normal rate. */
function failedInterval(
  { settings }: ReconcileContext,
  entry: AccountState,
  { failure }: Extract<Polled, { kind: 'failed' }>,
): number {
  if (failure.kind === 'unauthorized' || failure.kind === 'forbidden') return settings.poll
  const outage = { firstMs: settings.settlingPoll, longestMs: settings.poll }
  return Math.max(backoffMs(outage, entry.failures), failure.retryAfterMs ?? 0)
}

/** The next LIST, or the next look at a Secret that somebody waits for. */
export function untilNext(s: ReconcileContext, entry: AccountState): number {
  const { settlingPoll, poll } = s.settings
  const secret = entry.trouble === undefined && !entry.secretUnread ? poll : settlingPoll
  const list = entry.connection === undefined ? poll : dueAt(s, entry) - s.clock.monotonic()
  return Math.max(1, Math.min(list, secret, poll))
}
