import { createWakeup } from '../time/waiting.ts'
import type { CautiousClock, Clock, Timers } from '../time/clock.ts'
import type { Ask } from './lease-requests.ts'
import { secondsOf, type LeaseRecord, type LeaseStore, type LeaseTiming } from './lease.ts'
import type { LossReason, LeaseTerm } from './lease-term.ts'

export interface LeaseHolderOptions {
  readonly store: LeaseStore
  readonly ask: Ask
  readonly identity: string
  readonly timing: LeaseTiming
  readonly clock: Clock
  readonly passed: CautiousClock
  readonly timers: Timers
  /** A renewal found the lease changed and reads it anew. */
  readonly slowPath: () => void
  /** Called once at most. */
  readonly lost: (reason: LossReason) => void
}

/** A lease that was just acquired. */
export interface Acquired {
  readonly term: LeaseTerm
  /** Milliseconds since the epoch. */
  readonly acquiredAt: number
  readonly transitions: number
  readonly version: string
}

/** Renews a lease until this process steps down or loses it. */
export interface LeaseHolder {
  mayMutate(): boolean
  isOverdue(): boolean
  stepDown(): Promise<void>
}

/** As client-go does it: a candidate that only looks at the duration need not wait either. */
const CLEARED_SECONDS = 1

/** What `identity` writes. */
export const recordOf = (
  { identity, timing, clock }: Pick<LeaseHolderOptions, 'identity' | 'timing' | 'clock'>,
  { acquiredAt, transitions }: Pick<Acquired, 'acquiredAt' | 'transitions'>,
): LeaseRecord => ({
  holder: identity,
  durationSeconds: secondsOf(timing),
  acquiredAt,
  renewedAt: clock.now(),
  transitions,
})

export function keepLease(options: LeaseHolderOptions, acquired: Acquired): LeaseHolder {
  const { store, ask, identity, timing, clock, timers } = options
  const { term } = acquired
  const wakeup = createWakeup(timers)
  let { version }: { version: string | undefined } = acquired
  let state: 'holding' | 'lost' | 'stepped-down' = 'holding'

  const leave = (next: 'lost' | 'stepped-down'): void => {
    state = next
    wakeup.notify()
  }

  const lose = (reason: LossReason): void => {
    if (state !== 'holding') return
    leave('lost')
    options.lost(reason)
  }

  /** Waits for nothing, so that it goes on when requests hang. */
  const heartbeat = (): void => {
    if (state !== 'holding') return
    const over = term.over()
    if (over !== undefined) return lose(over)
    term.heartbeat()
    timers.after(term.heartbeatMs, heartbeat)
  }

  const write = async (record: LeaseRecord): Promise<'stored' | 'conflict' | 'failed'> => {
    const stored = await ask(() => store.write(record, version))
    if (typeof stored === 'string') return stored
    version = stored.version
    return 'stored'
  }

  const extend = async (): Promise<'conflict' | 'done'> => {
    const over = term.over()
    if (over !== undefined) {
      lose(over)
      return 'done'
    }
    const began = options.passed()
    const ended = await write(recordOf(options, acquired))
    if (ended === 'stored') term.renewed(began)
    return ended === 'conflict' ? 'conflict' : 'done'
  }

  /** Whether it is still ours, whatever else was changed in it. */
  const reread = async (): Promise<boolean> => {
    const lease = await ask(() => store.read())
    if (lease === 'failed') return false
    // An empty holder counts, too: somebody wants another process to lead. A Lease that was deleted is made again.
    if (lease !== undefined && lease.holder !== identity) {
      lose('taken')
      return false
    }
    version = lease?.version
    return true
  }

  const renew = async (): Promise<void> => {
    if ((await extend()) === 'done') return
    options.slowPath()
    if ((await reread()) && state === 'holding') await extend()
  }

  const keepRenewing = async (): Promise<void> => {
    let lastTry = clock.monotonic()
    for (;;) {
      await wakeup.wait(Math.max(0, lastTry + timing.retryPeriod - clock.monotonic()))
      if (state !== 'holding') return
      lastTry = clock.monotonic()
      await renew()
    }
  }

  const clearHolder = async (): Promise<void> => {
    const nobody = { ...recordOf(options, acquired), holder: '', durationSeconds: CLEARED_SECONDS }
    if ((await write(nobody)) === 'stored') return
    if ((await reread()) && version !== undefined) await write(nobody)
  }

  heartbeat()
  void keepRenewing()
  return {
    mayMutate: () => state === 'holding' && term.mayMutate(),
    isOverdue: () => state !== 'stepped-down' && term.elapsed() > timing.leaseDuration,
    stepDown: async () => {
      leave('stepped-down')
      // A running renewal may come first or last: one of the two finds that the version has changed, and reads it.
      await clearHolder()
    },
  }
}
