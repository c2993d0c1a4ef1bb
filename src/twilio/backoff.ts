export interface Backoff {
  readonly firstMs: number
  readonly longestMs: number
}

/** After a 429 that does not say how long to wait. */
export const THROTTLED: Backoff = { firstMs: 500, longestMs: 30_000 }

/** Before a read or DELETE is sent again within the same call; anything slower is left to the work queue. */
export const REPEAT: Backoff = { firstMs: 100, longestMs: 1_000 }

/** Doubles with each attempt (counted from 1); jitter adds up to a half and never takes away. */
export function backoffMs(backoff: Backoff, attempt: number, random: () => number): number {
  const base = backoff.firstMs * 2 ** (attempt - 1)
  return Math.min(Math.round(base * (1 + random() / 2)), backoff.longestMs)
}
