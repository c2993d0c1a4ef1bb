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
export interface ActiveKeys {
  begin(item: QueuedKey, now: number): void
  get(key: string): ActiveKey | undefined
  /** Remembers that an active key needs another reconcile. Returns whether it was not dirty yet. */
  markDirty(key: string, priority: Priority): boolean
  end(key: string): ActiveKey | undefined
  admits(group: string): boolean
  /** For how long each has been running, in seconds. */
  runningSeconds(now: number): readonly number[]
}

export function createActiveKeys(maxPerGroup: number): ActiveKeys {
  const active = new Map<string, ActiveKey>()
  const ofGroup = new Map<string, number>()

  const count = (group: string, change: 1 | -1): void => {
    const next = (ofGroup.get(group) ?? 0) + change
    if (next <= 0) ofGroup.delete(group)
    else ofGroup.set(group, next)
  }

  return {
    begin: ({ key, group, priority }, since) => {
      active.set(key, { group, priority, since, dirty: undefined })
      count(group, 1)
    },
    get: (key) => active.get(key),
    markDirty: (key, priority) => {
      const running = active.get(key)
      if (running === undefined) return false
      active.set(key, { ...running, dirty: higher(running.dirty, priority) })
      return running.dirty === undefined
    },
    end: (key) => {
      const running = active.get(key)
      if (running === undefined) return undefined
      active.delete(key)
      count(running.group, -1)
      return running
    },
    admits: (group) => (ofGroup.get(group) ?? 0) < maxPerGroup,
    runningSeconds: (now) => [...active.values()].map(({ since }) => (now - since) / 1000),
  }
}
