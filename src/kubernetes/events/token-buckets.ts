export interface TokenBuckets {
  /** Whether `key` may have one now; takes it. */
  take(key: string, now: number): boolean
}

export interface BucketSize {
  readonly burst: number
  /** Milliseconds until one token comes back. */
  readonly refillMs: number
  /** Buckets remembered; the one used longest ago leaves first. */
  readonly maxKeys: number
}

/** One bucket of tokens per key, full at first. `now` in milliseconds that never go back. */
export function createTokenBuckets({ burst, refillMs, maxKeys }: BucketSize): TokenBuckets {
  const buckets = new Map<string, { readonly tokens: number; readonly at: number }>()
  return {
    take: (key, now) => {
      const before = buckets.get(key) ?? { tokens: burst, at: now }
      const tokens = Math.min(burst, before.tokens + (now - before.at) / refillMs)
      // To the end, as the one used last.
      buckets.delete(key)
      buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
      for (const [oldest, { tokens: left, at }] of buckets) {
        // A full bucket is as good as none.
        const isFull = left + (now - at) / refillMs >= burst
        if (buckets.size <= maxKeys && !isFull) break
        buckets.delete(oldest)
      }
      return tokens >= 1
    },
  }
}
