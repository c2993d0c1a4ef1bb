import { higher, type Priority, type QueuedKey } from './priority-queue.ts'
import type { Cancel, Clock, Timers } from '../time/clock.ts'
import { giveWorkerBack } from './workers.ts'

export interface ActiveKey {
  readonly group: string
  /** With which it was handed out. */
  readonly priority: Priority
  /** Monotonic milliseconds. */
  readonly since: number
  /** Set when the key was added again meanwhile. */
  readonly dirty: Priority | undefined
}

/** Keys that a worker has: each one once, and so many of a group at most. */
export class ActiveKeys {
  readonly #maxPerGroup: number
  readonly #active = new Map<string, ActiveKey>()
  readonly #ofGroup = new Map<string, number>()

  constructor(maxPerGroup: number) {
    this.#maxPerGroup = maxPerGroup
  }

  begin({ key, group, priority }: QueuedKey, since: number): void {
    this.#active.set(key, { group, priority, since, dirty: undefined })
    this.#count(group, 1)
  }

  get(key: string): ActiveKey | undefined {
    return this.#active.get(key)
  }

  /** Remembers that an active key needs another reconcile. Returns whether it was not dirty yet. */
  markDirty(key: string, priority: Priority): boolean {
    const running = this.#active.get(key)
    if (running === undefined) return false
    this.#active.set(key, { ...running, dirty: higher(running.dirty, priority) })
    return running.dirty === undefined
  }

  end(key: string): ActiveKey | undefined {
    const running = this.#active.get(key)
    if (running === undefined) return undefined
    this.#active.delete(key)
    this.#count(running.group, -1)
    return running
  }

  admits(group: string): boolean {
    return (this.#ofGroup.get(group) ?? 0) < this.#maxPerGroup
  }

  /** For how long each has been running, in seconds. */
  runningSeconds(now: number): readonly number[] {
    return [...this.#active.values()].map(({ since }) => (now - since) / 1000)
  }

  #count(group: string, change: 1 | -1): void {
    const next = (this.#ofGroup.get(group) ?? 0) + change
    if (next <= 0) this.#ofGroup.delete(group)
    else this.#ofGroup.set(group, next)
  }
}

/** Keys with a timer: one at most per key, the earliest. */
export class DelayedKeys {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #delayed = new Map<string, { readonly due: number; readonly cancel: Cancel }>()

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock
    this.#timers = timers
  }

  get size(): number {
    return this.#delayed.size
  }

  /** Calls `fire` in `ms` milliseconds, unless the key has an earlier timer or is dropped before. */
  push(key: string, ms: number, fire: () => void): void {
    const due = this.#clock.monotonic() + ms
    const before = this.#delayed.get(key)
    if (before !== undefined && before.due <= due) return
    this.drop(key)
    const cancel = this.#timers.after(ms, () => {
      this.#delayed.delete(key)
      fire()
    })
    this.#delayed.set(key, { due, cancel })
  }

  drop(key: string): void {
    this.#delayed.get(key)?.cancel()
    this.#delayed.delete(key)
  }

  dropAll(): void {
    for (const key of [...this.#delayed.keys()]) this.drop(key)
  }
}

/**
 * Serialises work per key, first come first served; who waits has no worker meanwhile. Work that never ends blocks its
 * key: bound it.
 */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>()

  /** Keys with work running or waiting. */
  get size(): number {
    return this.#tails.size
  }

  /** Runs `work` after everything that was given earlier for `key` has ended, well or badly. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const takeAgain = giveWorkerBack()
    // Never at once: work that locks its own key again would slip past itself.
    const mine = (this.#tails.get(key) ?? Promise.resolve()).then(() => {
      takeAgain()
      return work()
    })
    const tail = mine.then(ignore, ignore)
    this.#tails.set(key, tail)
    try {
      return await mine
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    }
  }
}

const ignore = (): void => undefined
