import type { Clock } from '../time/clock.ts'
import type { LeaseTiming, StoredLease } from './lease.ts'

/**
 * When a lease that somebody else holds may be taken.
 *
 * Guarantee: a holder whose last renewal began less than its lease duration ago is not disturbed. Times in the lease
 * are another machine's and say nothing here; only how long it has not changed before our own eyes does, on the clock
 * that stands still when this machine does.
 */
export interface ObservedLease {
  /** Milliseconds until `lease`, which was just read, may be taken if it does not change; 0: now. */
  untilFree(lease: StoredLease | undefined): number
}

interface Seen {
  readonly version: string | undefined
  /** Monotonic ms. */
  readonly since: number
  /** Milliseconds, of the last holder. */
  readonly duration: number
}

export function createObservedLease(clock: Clock, timing: LeaseTiming, identity: string): ObservedLease {
  let seen: Seen | undefined

  /** A holder may have been started with a longer duration than we were: the longer one is safe for both. */
  const durationOf = (lease: StoredLease | undefined): number => {
    // Deleted under a holder, who does not know yet; without any before, nobody can hold it.
    if (lease === undefined) return seen?.duration ?? 0
    // Ours: an earlier write whose answer was lost.
    if (lease.holder === '' || lease.holder === identity) return 0
    return Math.max(timing.leaseDuration, lease.durationSeconds * 1000)
  }

  return {
    untilFree: (lease) => {
      const now = clock.monotonic()
      if (seen === undefined || seen.version !== lease?.version) {
        seen = { version: lease?.version, since: now, duration: durationOf(lease) }
      }
      return Math.max(0, seen.since + seen.duration - now)
    },
  }
}
