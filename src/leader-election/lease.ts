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
