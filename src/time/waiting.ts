import type { Timers } from './clock.ts'

/** Delays that double with each failure in a row. */
export interface Backoff {
  /** After the first failure, in milliseconds. */
  readonly firstMs: number
  /** No delay is longer, jitter included. */
  readonly longestMs: number
  /** Share of the delay that chance may add, e.g. 0.2: it spreads what failed together. None unless said. */
  readonly jitter?: number
}

/** Milliseconds to wait after so many failures, counted from 1. `random` in [0, 1). */
export function backoffMs({ firstMs, longestMs, jitter = 0 }: Backoff, failures: number, random = 0): number {
  // 2 ** 1024 is Infinity, which the upper bound takes care of.
  return Math.min(longestMs, firstMs * 2 ** (failures - 1) * (1 + jitter * random))
}

/** Lets one waiter wait, and be woken earlier: a condition variable. */
export class Wakeup {
  readonly #timers: Timers
  #notified = false
  #wake: (() => void) | undefined

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Resolves after `ms` milliseconds, or when it is notified; at once if that happened since the last wait. */
  wait(ms: number): Promise<void> {
    const notified = this.#notified
    this.#notified = false
    if (notified) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#timers.after(ms, () => this.#wake?.())
      this.#wake = () => {
        this.#wake = undefined
        cancel()
        resolve()
      }
    })
  }

  notify(): void {
    if (this.#wake === undefined) this.#notified = true
    else this.#wake()
  }
}

/** Resolves when the signal ends, at once if it has. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
