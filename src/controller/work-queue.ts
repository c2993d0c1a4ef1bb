import { createActiveKeys } from './active-keys.ts'
import type { Backoff } from './backoff.ts'
import type { Clock, Timers } from '../time/clock.ts'
import { createDelayedKeys } from './delayed-keys.ts'
import { createPriorityQueue, type Priority, type QueuedKey } from './priority-queue.ts'

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

/**
 * Keys that need a reconcile. Only keys: a reconcile looks at the present, so any number of additions before it are one.
 *
 * Guarantees: a key is never handed out again before `done`; a key added while it is handed out comes again
 * afterwards; nothing that was added is lost before `shutDown`; no priority and no group waits for ever.
 */
export interface WorkQueue {
  /** Priority `high` unless said otherwise. */
  add(key: string, priority?: Priority): void
  /**
   * Adds `key` in `ms` milliseconds, with priority `low` unless said otherwise. Of several, the earliest counts.
   * The next reconcile of the key drops it, because that reconcile says itself when to come again.
   */
  addAfter(key: string, ms: number, priority?: Priority): void
  /** Adds a key that is handed out once more, with the priority it had. */
  again(key: string): void
  /** As `again`, after a delay that grows with each call until `forget`. */
  retry(key: string): void
  /** Ends the series of growing delays. */
  forget(key: string): void
  /** The next key, or undefined after `shutDown`. Each key MUST be given back with `done`. */
  next(): Promise<string | undefined>
  done(key: string): void
  /** From now on nothing is added, delayed or handed out. */
  shutDown(): void
  gauges(): QueueGauges
}

export interface WorkQueueOptions {
  readonly clock: Clock
  readonly timers: Timers
  readonly backoff: Backoff
  /** Groups take turns, so that a busy one does not starve the others. Asked at each addition. */
  readonly groupOf?: (key: string) => string
  /** How many keys of one group may be handed out at a time, so that a slow group does not take every worker. */
  readonly maxActivePerGroup?: number
  readonly observer?: QueueObserver
}

export function createWorkQueue({
  clock,
  timers,
  backoff,
  observer,
  ...options
}: WorkQueueOptions): WorkQueue {
  const groupOf = options.groupOf ?? (() => '')
  const waiting = createPriorityQueue()
  const active = createActiveKeys(options.maxActivePerGroup ?? Number.POSITIVE_INFINITY)
  const delayed = createDelayedKeys(clock, timers)
  /** Workers without a key. */
  const idle: ((key: string | undefined) => void)[] = []
  let open = true

  const enqueue = (key: string, priority: Priority): boolean =>
    waiting.push({ key, group: groupOf(key), priority, since: clock.monotonic() })

  const add = (key: string, priority: Priority = 'high'): void => {
    if (!open) return
    const added = active.get(key) === undefined ? enqueue(key, priority) : active.markDirty(key, priority)
    if (added) observer?.added?.()
    handOut()
  }

  const addAfter = (key: string, ms: number, priority: Priority = 'low'): void => {
    if (!open) return
    if (ms <= 0) add(key, priority)
    else {
      delayed.push(key, ms, () => {
        add(key, priority)
      })
    }
  }

  const begin = (item: QueuedKey): string => {
    const now = clock.monotonic()
    delayed.drop(item.key)
    active.begin(item, now)
    observer?.waited?.(now - item.since)
    return item.key
  }

  const handOut = (): void => {
    while (idle.length > 0) {
      const item = waiting.take((group) => active.admits(group))
      if (item === undefined) return
      idle.shift()?.(begin(item))
    }
  }

  const next = (): Promise<string | undefined> =>
    new Promise((resolve) => {
      if (!open) {
        resolve(undefined)
        return
      }
      idle.push(resolve)
      handOut()
    })

  const done = (key: string): void => {
    const ended = active.end(key)
    if (ended === undefined) return
    observer?.worked?.(clock.monotonic() - ended.since)
    if (open && ended.dirty !== undefined) enqueue(key, ended.dirty)
    // Also when the key itself is clean: its group may have been at its limit.
    if (open) handOut()
  }

  return {
    add,
    addAfter,
    again: (key) => {
      add(key, active.get(key)?.priority)
    },
    retry: (key) => {
      if (!open) return
      observer?.retried?.()
      addAfter(key, backoff.next(key), active.get(key)?.priority)
    },
    forget: (key) => {
      backoff.forget(key)
    },
    next,
    done,
    shutDown: () => {
      open = false
      delayed.dropAll()
      for (const resolve of idle.splice(0)) resolve(undefined)
    },
    gauges: () => {
      const running = active.runningSeconds(clock.monotonic())
      return {
        depth: waiting.depth(),
        delayed: delayed.size,
        unfinishedWorkSeconds: running.reduce((sum, seconds) => sum + seconds, 0),
        longestRunningSeconds: Math.max(0, ...running),
      }
    },
  }
}
