import { createWakeup } from '../time/waiting.ts'
import { createCautiousClock, type Clock, type Timers } from '../time/clock.ts'
import { keepLease, recordOf, type LeaseHolder } from './lease-holder.ts'
import { createAsk, requestMs, type RequestObserver } from './lease-requests.ts'
import type { LeaseStore, LeaseTiming, StoredLease } from './lease.ts'
import { createObservedLease } from './observed-lease.ts'
import { createLeaseTerm } from './lease-term.ts'

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

export function createElector(options: ElectorOptions): Elector {
  const { store, identity, timing, clock, timers, observer } = options
  const ask = createAsk(requestMs(timing), timers, observer)
  const observed = createObservedLease(clock, timing, identity)
  const passed = createCautiousClock(clock)
  const loss = new AbortController()
  const slowPath = (): void => observer?.slowPath?.()
  const holderOptions = {
    ...options,
    ask,
    passed,
    slowPath,
    lost: (reason: unknown) => {
      loss.abort(reason)
    },
  }
  let holder: LeaseHolder | undefined
  let told = ''

  const tell = (lease: StoredLease | undefined): void => {
    if (lease === undefined || lease.holder === told) return
    told = lease.holder
    observer?.waitsFor?.(told)
  }

  /** Milliseconds until the next try, or undefined when this process holds the lease. */
  const acquire = async (lease: StoredLease | undefined): Promise<number | undefined> => {
    const term = createLeaseTerm(passed, timing, passed())
    const transitions = lease === undefined ? 0 : lease.transitions + (lease.holder === identity ? 0 : 1)
    const acquired = { term, acquiredAt: clock.now(), transitions }
    const stored = await ask(() => store.write(recordOf(options, acquired), lease?.version))
    if (typeof stored === 'string') return timing.retryPeriod
    term.heartbeat()
    // The answer came after a pause that has used it up: it is ours to ask for anew.
    if (!term.mayMutate()) return 0
    holder = keepLease(holderOptions, { ...acquired, version: stored.version })
    return undefined
  }

  const tryToLead = async (stop: AbortSignal): Promise<number | undefined> => {
    const lease = await ask(() => store.read())
    if (lease === 'failed' || stop.aborted) return timing.retryPeriod
    const wait = observed.untilFree(lease)
    if (wait === 0) return acquire(lease)
    tell(lease)
    return wait
  }

  return {
    campaign: async (stop) => {
      const wakeup = createWakeup(timers)
      const watching = new AbortController()
      const notify = (): void => wakeup.notify()
      stop.addEventListener('abort', notify)
      store.watch(notify, watching.signal)
      try {
        while (!stop.aborted) {
          const wait = await tryToLead(stop)
          if (wait === undefined) return true
          const look = timing.retryPeriod * (1 + JITTER * options.random())
          await wakeup.wait(Math.min(wait, look))
        }
        return false
      } finally {
        watching.abort()
        stop.removeEventListener('abort', notify)
      }
    },
    lost: loss.signal,
    mayMutate: () => holder?.mayMutate() ?? false,
    isOverdue: () => holder?.isOverdue() ?? false,
    stepDown: async () => holder?.stepDown(),
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
