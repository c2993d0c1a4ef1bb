import type { Cancel, Clock, Timers } from '../time/clock.ts'

/** Keys with a timer: one at most per key, the earliest. */
export interface DelayedKeys {
  /** Calls `fire` in `ms` milliseconds, unless the key has an earlier timer or is dropped before. */
  push(key: string, ms: number, fire: () => void): void
  drop(key: string): void
  dropAll(): void
  readonly size: number
}

export function createDelayedKeys(clock: Clock, timers: Timers): DelayedKeys {
  const delayed = new Map<string, { readonly due: number; readonly cancel: Cancel }>()

  const drop = (key: string): void => {
    delayed.get(key)?.cancel()
    delayed.delete(key)
  }

  return {
    push: (key, ms, fire) => {
      const due = clock.monotonic() + ms
      const before = delayed.get(key)
      if (before !== undefined && before.due <= due) return
      drop(key)
      const cancel = timers.after(ms, () => {
        delayed.delete(key)
        fire()
      })
      delayed.set(key, { due, cancel })
    },
    drop,
    dropAll: () => {
      for (const key of [...delayed.keys()]) drop(key)
    },
    get size() {
      return delayed.size
    },
  }
}
