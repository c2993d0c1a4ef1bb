/** Serialises work per key, first come first served. Work that never ends blocks its key: bound it. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>()

  /** Keys with work running or waiting. */
  get size(): number {
    return this.#tails.size
  }

  /** Runs `work` after everything that was given earlier for `key` has ended, well or badly. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    // Never at once: work that locks its own key again would slip past itself.
    const mine = (this.#tails.get(key) ?? Promise.resolve()).then(work)
    const tail = mine.then(ignore, ignore)
    this.#tails.set(key, tail)
    try {
      return await mine
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    }
  }
}

const ignore = (): void => undefined
