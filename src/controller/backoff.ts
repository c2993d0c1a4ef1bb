export interface BackoffOptions {
  /** The first delay, in milliseconds. */
  readonly baseMs: number
  /** No delay is longer, jitter included. */
  readonly maxMs: number
  /** Share of the delay that chance may add, e.g. 0.2; it spreads keys that failed together. */
  readonly jitter: number
  /** In [0, 1). */
  readonly random: () => number
}

/** Growing delays, one series per key. */
export interface Backoff {
  /** Counts a failure of `key` and returns how many milliseconds to wait. */
  next(key: string): number
  /** How often `key` has failed since it was last forgotten. */
  failures(key: string): number
  forget(key: string): void
}

export function createBackoff({ baseMs, maxMs, jitter, random }: BackoffOptions): Backoff {
  const failed = new Map<string, number>()
  return {
    next: (key) => {
      const before = failed.get(key) ?? 0
      failed.set(key, before + 1)
      // 2 ** 1024 is Infinity, which the upper bound takes care of.
      return Math.min(maxMs, baseMs * 2 ** before * (1 + jitter * random()))
    },
    failures: (key) => failed.get(key) ?? 0,
    forget: (key) => {
      failed.delete(key)
    },
  }
}
