export interface BucketSize {
  readonly burst: number
  /** Milliseconds until one token comes back. */
  readonly refillMs: number
  /** Buckets remembered; the one used longest ago leaves first. */
  readonly maxKeys: number
}

/** One bucket of tokens per key, full at first. */
export class TokenBuckets {
  readonly #size: BucketSize
  readonly #buckets = new Map<string, { readonly tokens: number; readonly at: number }>()

  constructor(size: BucketSize) {
    this.#size = size
  }

  /** Whether `key` may have one now; takes it. `now` in milliseconds that never go back. */
  take(key: string, now: number): boolean {
    const { burst, refillMs, maxKeys } = this.#size
    const before = this.#buckets.get(key) ?? { tokens: burst, at: now }
    const tokens = Math.min(burst, before.tokens + (now - before.at) / refillMs)
    // To the end, as the one used last.
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    for (const [oldest, { tokens: left, at }] of this.#buckets) {
      // A full bucket is as good as none.
      const isFull = left + (now - at) / refillMs >= burst
      if (this.#buckets.size <= maxKeys && !isFull) break
      this.#buckets.delete(oldest)
    }
    return tokens >= 1
  }
}
