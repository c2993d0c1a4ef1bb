import { ActiveKeys, DelayedKeys } from './keys.ts'
import { backoffMs, type Backoff } from '../time/waiting.ts'
import type { Clock, Timers } from '../time/clock.ts'
import { PriorityQueue, type Priority, type QueuedKey } from './priority-queue.ts'

/** What the gauges of `workqueue_*` show. */
export interface QueueGauges {
  readonly depth: Readonly<Record<Priority, number>>
  /** Keys that only a timer will bring back. */
  readonly delayed: number
  /** Seconds of work in progress, summed over the keys that are handed out. */
  readonly unfinishedWorkSeconds: number
  readonly longestRunningSeconds: number
}

/** Called at each step of a queue, for counters and histograms. MUST NOT throw. */
export interface QueueObserver {
  /** Not called for a key that waits already. */
  added?(): void
  retried?(): void
  /** How long a key waited before it was handed out. */
  waited?(ms: number): void
  /** How long it was handed out. */
  worked?(ms: number): void
}

export interface WorkQueueOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** Between the retries of a key. */
  readonly backoff: Backoff
  /** In [0, 1). */
  readonly random: () => number
  /** Groups take turns, so that a busy one does not starve the others. Asked at each addition. */
  readonly groupOf?: ((key: string) => string) | undefined
  /** How many keys of one group may be handed out at a time, so that a slow group does not take every worker. */
  readonly maxActivePerGroup?: number | undefined
  readonly observer?: QueueObserver
}

/**
 * Keys that need a reconcile. Only keys: a reconcile looks at the present, so any number of additions before it are one.
 *
 * Guarantees: a key is never handed out again before `done`; a key added while it is handed out comes again
 * afterwards; nothing that was added is lost before `shutDown`; no priority and no group waits for ever.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions
  readonly #waiting = new PriorityQueue()
  readonly #active: ActiveKeys
  readonly #delayed: DelayedKeys
  /** How often a key was retried since it was last forgotten. */
  readonly #failures = new Map<string, number>()
  /** Workers without a key. */
  readonly #idle: ((key: string | undefined) => void)[] = []
  #open = true

  constructor(options: WorkQueueOptions) {
    this.#options = options
    this.#active = new ActiveKeys(options.maxActivePerGroup ?? Number.POSITIVE_INFINITY)
    this.#delayed = new DelayedKeys(options.clock, options.timers)
  }

  add(key: string, priority: Priority = 'high'): void {
    if (!this.#open) return
    const running = this.#active.get(key) !== undefined
    const added = running ? this.#active.markDirty(key, priority) : this.#enqueue(key, priority)
    if (added) this.#options.observer?.added?.()
    this.#handOut()
  }

  /**
   * Adds `key` in `ms` milliseconds. Of several, the earliest counts. The next reconcile of the key drops it, because
   * that reconcile says itself when to come again.
   */
  addAfter(key: string, ms: number, priority: Priority = 'low'): void {
    if (!this.#open) return
    if (ms <= 0) this.add(key, priority)
    else this.#delayed.push(key, ms, () => this.add(key, priority))
  }

  /** Adds a key that is handed out once more, with the priority it had. */
  again(key: string): void {
    this.add(key, this.#active.get(key)?.priority)
  }

  /** As `again`, after a delay that grows with each call until `forget`. */
  retry(key: string): void {
    if (!this.#open) return
    const { observer, backoff, random } = this.#options
    observer?.retried?.()
    const failures = this.failures(key) + 1
    this.#failures.set(key, failures)
    this.addAfter(key, backoffMs(backoff, failures, random()), this.#active.get(key)?.priority)
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  /** Ends the series of growing delays. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** The next key, or undefined after `shutDown`. Each key MUST be given back with `done`. */
  next(): Promise<string | undefined> {
    if (!this.#open) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.#idle.push(resolve)
      this.#handOut()
    })
  }

  done(key: string): void {
    const ended = this.#active.end(key)
    if (ended === undefined) return
    this.#options.observer?.worked?.(this.#options.clock.monotonic() - ended.since)
    if (!this.#open) return
    if (ended.dirty !== undefined) this.#enqueue(key, ended.dirty)
    // Also when the key itself is clean: its group may have been at its limit.
    this.#handOut()
  }

  /** From now on nothing is added, delayed or handed out. */
  shutDown(): void {
    this.#open = false
    this.#delayed.dropAll()
    for (const resolve of this.#idle.splice(0)) resolve(undefined)
  }

  gauges(): QueueGauges {
    const running = this.#active.runningSeconds(this.#options.clock.monotonic())
    return {
      depth: this.#waiting.depth(),
      delayed: this.#delayed.size,
      unfinishedWorkSeconds: running.reduce((sum, seconds) => sum + seconds, 0),
      longestRunningSeconds: Math.max(0, ...running),
    }
  }

  /** Whether the key did not wait yet. */
  #enqueue(key: string, priority: Priority): boolean {
    const { groupOf, clock } = this.#options
    return this.#waiting.push({ key, group: groupOf?.(key) ?? '', priority, since: clock.monotonic() })
  }

  #handOut(): void {
    while (this.#idle.length > 0) {
      const item = this.#waiting.take((group) => this.#active.admits(group))
      if (item === undefined) return
      this.#idle.shift()?.(this.#begin(item))
    }
  }

  #begin(item: QueuedKey): string {
    const now = this.#options.clock.monotonic()
    this.#delayed.drop(item.key)
    this.#active.begin(item, now)
    this.#options.observer?.waited?.(now - item.since)
    return item.key
  }
}
