import type { Timers } from './clock.ts'

/** Lets one waiter wait, and be called earlier. */
export interface Bell {
  /** Resolves after `ms` milliseconds, or when it rings; at once if it has rung since the last wait. */
  wait(ms: number): Promise<void>
  ring(): void
}

export function createBell(timers: Timers): Bell {
  let rung = false
  let wake: (() => void) | undefined
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        if (rung) {
          rung = false
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
    ring: () => {
      if (wake === undefined) rung = true
      else wake()
    },
  }
}
