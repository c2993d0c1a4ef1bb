import { Wakeup } from '../time/waiting.ts'
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

/** Renews a lease until this process steps down or loses it. */
export class LeaseHolder {
  readonly #options: LeaseHolderOptions
  readonly #acquired: Acquired
  readonly #wakeup: Wakeup
  #version: string | undefined
  #state: 'holding' | 'lost' | 'stepped-down' = 'holding'

  constructor(options: LeaseHolderOptions, acquired: Acquired) {
    this.#options = options
    this.#acquired = acquired
    this.#wakeup = new Wakeup(options.timers)
    this.#version = acquired.version
  }

  start(): void {
    this.#heartbeat()
    void this.#keepRenewing()
  }

  mayMutate(): boolean {
    return this.#state === 'holding' && this.#acquired.term.mayMutate()
  }

  isOverdue(): boolean {
    return (
      this.#state !== 'stepped-down' && this.#acquired.term.elapsed() > this.#options.timing.leaseDuration
    )
  }

  async stepDown(): Promise<void> {
    this.#leave('stepped-down')
    // A running renewal may come first or last: one of the two finds that the version has changed, and reads it.
    await this.#clearHolder()
  }

  /** Waits for nothing, so that it goes on when requests hang. */
  #heartbeat(): void {
    const { term } = this.#acquired
    if (this.#state !== 'holding') return
    const over = term.over()
    if (over !== undefined) return this.#lose(over)
    term.heartbeat()
    this.#options.timers.after(term.heartbeatMs, () => this.#heartbeat())
  }

  async #keepRenewing(): Promise<void> {
    const { clock, timing } = this.#options
    let lastTry = clock.monotonic()
    for (;;) {
      await this.#wakeup.wait(Math.max(0, lastTry + timing.retryPeriod - clock.monotonic()))
      if (this.#state !== 'holding') return
      lastTry = clock.monotonic()
      await this.#renew()
    }
  }

  async #renew(): Promise<void> {
    if ((await this.#extend()) === 'done') return
    this.#options.slowPath()
    if ((await this.#reread()) && this.#state === 'holding') await this.#extend()
  }

  async #extend(): Promise<'conflict' | 'done'> {
    const { term } = this.#acquired
    const over = term.over()
    if (over !== undefined) {
      this.#lose(over)
      return 'done'
    }
    const began = this.#options.passed()
    const ended = await this.#write(recordOf(this.#options, this.#acquired))
    if (ended === 'stored') term.renewed(began)
    return ended === 'conflict' ? 'conflict' : 'done'
  }

  async #write(record: LeaseRecord): Promise<'stored' | 'conflict' | 'failed'> {
    const { ask, store } = this.#options
    const stored = await ask(() => store.write(record, this.#version))
    if (typeof stored === 'string') return stored
    this.#version = stored.version
    return 'stored'
  }

  /** Whether it is still ours, whatever else was changed in it. */
  async #reread(): Promise<boolean> {
    const { ask, store, identity } = this.#options
    const lease = await ask(() => store.read())
    if (lease === 'failed') return false
    // An empty holder counts, too: somebody wants another process to lead. A Lease that was deleted is made again.
    if (lease !== undefined && lease.holder !== identity) {
      this.#lose('taken')
      return false
    }
    this.#version = lease?.version
    return true
  }

  async #clearHolder(): Promise<void> {
    const record = recordOf(this.#options, this.#acquired)
    const nobody = { ...record, holder: '', durationSeconds: CLEARED_SECONDS }
    if ((await this.#write(nobody)) === 'stored') return
    if ((await this.#reread()) && this.#version !== undefined) await this.#write(nobody)
  }

  #lose(reason: LossReason): void {
    if (this.#state !== 'holding') return
    this.#leave('lost')
    this.#options.lost(reason)
  }

  #leave(next: 'lost' | 'stepped-down'): void {
    this.#state = next
    this.#wakeup.notify()
  }
}
