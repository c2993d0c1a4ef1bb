export interface KeyedLock {
  /** Runs `work` after everything that was given earlier for `key` has ended, well or badly. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>
  /** Keys with work running or waiting. */
  readonly size: number
}

/** Serialises work per key, first come first served. Work that never ends blocks its key: bound it. */
export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>()
  return {
    run: async (key, work) => {
      // Never at once: work that locks its own key again would slip past itself.
      const mine = (tails.get(key) ?? Promise.resolve()).then(work)
      const tail = mine.then(ignore, ignore)
      tails.set(key, tail)
      try {
        return await mine
      } finally {
        if (tails.get(key) === tail) tails.delete(key)
      }
    },
    get size() {
      return tails.size
    },
  }
}

const ignore = (): void => undefined
