import { higher } from './priority-queue.ts'
import type { Priority, QueuedKey } from './priority-queue.ts'

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
