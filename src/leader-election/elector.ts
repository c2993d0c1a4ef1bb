import { Wakeup } from '../time/waiting.ts'
import { createCautiousClock, type CautiousClock, type Clock, type Timers } from '../time/clock.ts'
import { LeaseHolder, recordOf, type Acquired } from './lease-holder.ts'
import { createAsk, requestMs, type Ask, type RequestObserver } from './lease-requests.ts'
import { type LeaseStore, type LeaseTiming, type StoredLease, ObservedLease } from './lease.ts'
import { LeaseTerm } from './lease-term.ts'

/**
 * Of several processes that share a lease at most one leads, and each leads at most once in its life.
 *
 * Guarantee: `mayMutate` is true in one process at a time, whatever happens to answers, timers and wall clocks.
 * Assumption: while one process's clocks measure the renew deadline, no other's monotonic clock measures the longer
 * lease duration. What was begun with leave and reaches its target late is not covered.
 */
export interface Elector {
  /** Resolves to true when this process leads, to false when `stop` ends first. Never rejects. To be called once. */
  campaign(stop: AbortSignal): Promise<boolean>
  /** Ends when leadership is lost, with a `LossReason` as its reason. Stepping down is no loss. */
  readonly lost: AbortSignal
  /** Whether a change outside may be begun now. */
  mayMutate(): boolean
  /** The lease ran out long ago and this process is still here: something hangs that should have ended it. */
  isOverdue(): boolean
  /**
   * Lets another begin at once. MUST be called only when nothing is left that works as leader. Does nothing if this
   * process never led; never rejects, and takes no longer than a few requests.
   */
  stepDown(): Promise<void>
}

/** Called for what people should know. MUST NOT throw. */
export interface ElectionObserver extends RequestObserver {
  /** Another holder than before has the lease. */
  waitsFor?(holder: string): void
  /** A renewal found the lease changed and reads it anew. */
  slowPath?(): void
}

export interface ElectorOptions {
  readonly store: LeaseStore
  /** Of this process alone, also after a restart under the same name. */
  readonly identity: string
  readonly timing: LeaseTiming
  readonly clock: Clock
  readonly timers: Timers
  /** In [0, 1). */
  readonly random: () => number
  readonly observer?: ElectionObserver
}

/** Spreads the looks of candidates that were started together. */
const JITTER = 0.2

/** Leads by the lease. */
export class LeaseElector implements Elector {
  readonly #options: ElectorOptions
  readonly #ask: Ask
  readonly #observed: ObservedLease
  readonly #passed: CautiousClock
  readonly #loss = new AbortController()
  #holder: LeaseHolder | undefined
  #told = ''

  constructor(options: ElectorOptions) {
    const { timing, timers, clock, identity, observer } = options
    this.#options = options
    this.#ask = createAsk(requestMs(timing), timers, observer)
    this.#observed = new ObservedLease(clock, timing, identity)
    this.#passed = createCautiousClock(clock)
  }

  get lost(): AbortSignal {
    return this.#loss.signal
  }

  mayMutate(): boolean {
    return this.#holder?.mayMutate() ?? false
  }

  isOverdue(): boolean {
    return this.#holder?.isOverdue() ?? false
  }

  async stepDown(): Promise<void> {
    await this.#holder?.stepDown()
  }

  async campaign(stop: AbortSignal): Promise<boolean> {
    const { store, timing, timers, random } = this.#options
    const wakeup = new Wakeup(timers)
    const watching = new AbortController()
    const notify = (): void => wakeup.notify()
    stop.addEventListener('abort', notify)
    store.watch(notify, watching.signal)
    try {
      while (!stop.aborted) {
        const wait = await this.#tryToLead(stop)
        if (wait === undefined) return true
        const look = timing.retryPeriod * (1 + JITTER * random())
        await wakeup.wait(Math.min(wait, look))
      }
      return false
    } finally {
      watching.abort()
      stop.removeEventListener('abort', notify)
    }
  }

  /** Milliseconds until the next try, or undefined when this process holds the lease. */
  async #tryToLead(stop: AbortSignal): Promise<number | undefined> {
    const { store, timing } = this.#options
    const lease = await this.#ask(() => store.read())
    if (lease === 'failed' || stop.aborted) return timing.retryPeriod
    const wait = this.#observed.untilFree(lease)
    if (wait === 0) return this.#acquire(lease)
    this.#tell(lease)
    return wait
  }

  async #acquire(lease: StoredLease | undefined): Promise<number | undefined> {
    const { store, identity, timing, clock } = this.#options
    const term = new LeaseTerm(this.#passed, timing, this.#passed())
    const transitions = lease === undefined ? 0 : lease.transitions + (lease.holder === identity ? 0 : 1)
    const acquired = { term, acquiredAt: clock.now(), transitions }
    const stored = await this.#ask(() => store.write(recordOf(this.#options, acquired), lease?.version))
    if (typeof stored === 'string') return timing.retryPeriod
    term.heartbeat()
    // The answer came after a pause that has used it up: it is ours to ask for anew.
    if (!term.mayMutate()) return 0
    this.#holder = this.#hold({ ...acquired, version: stored.version })
    return undefined
  }

  #hold(acquired: Acquired): LeaseHolder {
    const holder = new LeaseHolder(
      {
        ...this.#options,
        ask: this.#ask,
        passed: this.#passed,
        slowPath: () => this.#options.observer?.slowPath?.(),
        lost: (reason) => this.#loss.abort(reason),
      },
      acquired,
    )
    holder.start()
    return holder
  }

  #tell(lease: StoredLease | undefined): void {
    if (lease === undefined || lease.holder === this.#told) return
    this.#told = lease.holder
    this.#options.observer?.waitsFor?.(this.#told)
  }
}

/** For a process that is the only one. */
export function createSoleLeader(): Elector {
  let leads = false
  return {
    campaign: async (stop) => (leads = !stop.aborted),
    lost: new AbortController().signal,
    mayMutate: () => leads,
    isOverdue: () => false,
    stepDown: async () => {
      leads = false
    },
  }
}
