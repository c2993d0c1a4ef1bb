import type { Clock } from '../time/clock.ts'
import type { LeaseTiming, StoredLease } from './lease.ts'

interface Seen {
  readonly version: string | undefined
  /** Monotonic ms. */
  readonly since: number
  /** Milliseconds, of the last holder. */
  readonly duration: number
}

/**
 * When a lease that somebody else holds may be taken.
 *
 * Guarantee: a holder whose last renewal began less than its lease duration ago is not disturbed. Times in the lease
 * are another machine's and say nothing here; only how long it has not changed before our own eyes does, on the clock
 * that stands still when this machine does.
 */
export class ObservedLease {
  readonly #clock: Clock
  readonly #timing: LeaseTiming
  readonly #identity: string
  #seen: Seen | undefined

  constructor(clock: Clock, timing: LeaseTiming, identity: string) {
    this.#clock = clock
    this.#timing = timing
    this.#identity = identity
  }

  /** Milliseconds until `lease`, which was just read, may be taken if it does not change; 0: now. */
  untilFree(lease: StoredLease | undefined): number {
    const now = this.#clock.monotonic()
    const before = this.#seen
    const seen =
      before !== undefined && before.version === lease?.version
        ? before
        : { version: lease?.version, since: now, duration: this.#durationOf(lease) }
    this.#seen = seen
    return Math.max(0, seen.since + seen.duration - now)
  }

  /** A holder may have been started with a longer duration than we were: the longer one is safe for both. */
  #durationOf(lease: StoredLease | undefined): number {
    // Deleted under a holder, who does not know yet; without any before, nobody can hold it.
    if (lease === undefined) return this.#seen?.duration ?? 0
    // Ours: an earlier write whose answer was lost.
    if (lease.holder === '' || lease.holder === this.#identity) return 0
    return Math.max(this.#timing.leaseDuration, lease.durationSeconds * 1000)
  }
}
