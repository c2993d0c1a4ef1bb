import type { Cancel, Clock, Timers } from '../../../src/time/clock.ts'

/** Long after the epoch: nothing of it is the beginning of time. */
const WALL = Date.parse('2026-11-24T12:00:00Z')

/** A clock that goes on only when everybody waits: ten minutes of an operator pass in a moment. */
export class SimulatedTime implements Clock, Timers {
  #elapsed = 0
  #count = 0
  readonly #timers = new Map<number, { readonly due: number; readonly callback: () => void }>()

  now(): number {
    return WALL + this.#elapsed
  }

  /** Time never stands still: what follows is later. */
  monotonic(): number {
    this.#elapsed += 0.001
    return this.#elapsed
  }

  after(ms: number, callback: () => void): Cancel {
    this.#count += 1
    const id = this.#count
    this.#timers.set(id, { due: this.#elapsed + ms, callback })
    return () => {
      this.#timers.delete(id)
    }
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve)
    })
  }

  /** Lets `ms` milliseconds pass, with all that happens in them. */
  async run(ms: number): Promise<void> {
    const end = this.#elapsed + ms
    for (;;) {
      // All that waits for nothing but other promises.
      await new Promise((resolve) => setImmediate(resolve))
      const [next] = [...this.#timers].sort((a, b) => a[1].due - b[1].due || a[0] - b[0])
      if (next === undefined || next[1].due > end) break
      this.#timers.delete(next[0])
      this.#elapsed = Math.max(this.#elapsed, next[1].due)
      next[1].callback()
    }
    this.#elapsed = Math.max(this.#elapsed, end)
  }
}
