export interface DelayRange {
  readonly firstMs: number
  readonly longestMs: number
}

/** After a 429 that does not say how long to wait. */
export const THROTTLED: DelayRange = { firstMs: 500, longestMs: 30_000 }

/** Before a read or DELETE is sent again within the same call; anything slower is left to the work queue. */
export const REPEAT: DelayRange = { firstMs: 100, longestMs: 1_000 }

/** Doubles with each try (counted from 1); jitter adds up to a half and never takes away. */
export function backoffMs(range: DelayRange, tries: number, random: () => number): number {
  const base = range.firstMs * 2 ** (tries - 1)
  return Math.min(Math.round(base * (1 + random() / 2)), range.longestMs)
}
