import type { Timers } from './clock.ts'

/** Lets one waiter wait, and be woken earlier: a condition variable. */
export interface Wakeup {
  /** Resolves after `ms` milliseconds, or when it is notified; at once if that happened since the last wait. */
  wait(ms: number): Promise<void>
  notify(): void
}

export function createWakeup(timers: Timers): Wakeup {
  let notified = false
  let wake: (() => void) | undefined
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        if (notified) {
          notified = false
          resolve()
          return
        }
        const cancel = timers.after(ms, () => {
          wake = undefined
          resolve()
        })
        wake = () => {
          wake = undefined
          cancel()
          resolve()
        }
      }),
    notify: () => {
      if (wake === undefined) notified = true
      else wake()
    },
  }
}
