import type { Clock } from '../time/clock.ts'

/** What is written into the lease. */
export interface LeaseRecord {
  /** Who leads; '': nobody. */
  readonly holder: string
  readonly durationSeconds: number
  /** Milliseconds since the epoch on the holder's clock: for people, and compared with no other clock. */
  readonly acquiredAt: number
  readonly renewedAt: number
  /** How often the holder has changed. */
  readonly transitions: number
}

/** What is read of it. */
export interface StoredLease extends Pick<LeaseRecord, 'holder' | 'durationSeconds' | 'transitions'> {
  /** Differs after every write, also one by another process. */
  readonly version: string
}

/** The one lease that all candidates share. A rejection means that nobody knows: the write may have been stored. */
export interface LeaseStore {
  /** The lease as it is stored now, from no cache; undefined when there is none. */
  read(): Promise<StoredLease | undefined>
  /**
   * MUST store only if the lease still has `version`, or if there is none when that is undefined; else `conflict`, and
   * this call has stored nothing.
   */
  write(record: LeaseRecord, version: string | undefined): Promise<StoredLease | 'conflict'>
  /** Calls `changed` soon after changes, until `signal` ends. It MAY miss some: who waits looks from time to time, too. */
  watch(changed: () => void, signal: AbortSignal): void
}

/** All in milliseconds. */
export interface LeaseTiming {
  /** How long the others believe a lease that does not change. */
  readonly leaseDuration: number
  /** How long the leader believes it; shorter, so that it has stopped before another begins. */
  readonly renewDeadline: number
  readonly retryPeriod: number
}

/** The API has whole seconds. */
export const secondsOf = ({ leaseDuration }: LeaseTiming): number => Math.ceil(leaseDuration / 1000)

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
