import type { Clock, Timers } from '../../../src/time/clock.ts'

export interface ManualTime extends Clock, Timers {
  /** Fires every timer that is due within `ms`, in order, each at its own time. */
  advance(ms: number): void
}

export function createManualTime(): ManualTime {
  let now = 0
  let count = 0
  const timers = new Map<number, { due: number; callback: () => void }>()
  return {
    now: () => now,
    monotonic: () => now,
    after: (ms, callback) => {
      const id = (count += 1)
      timers.set(id, { due: now + ms, callback })
      return () => {
        timers.delete(id)
      }
    },
    advance: (ms) => {
      const end = now + ms
      for (;;) {
        const [next] = [...timers].filter(([, t]) => t.due <= end).sort((a, b) => a[1].due - b[1].due)
        if (next === undefined) break
        timers.delete(next[0])
        now = next[1].due
        next[1].callback()
      }
      now = end
    },
  }
}
