import type { Cancel, Clock, Timers } from '../time/clock.ts'

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
