/** Longer wishes are cut to this, in milliseconds: a mistaken header must not silence an account for a day. */
export const LONGEST_RETRY_AFTER_MS = 300_000

/** A date is half as long. */
const LONGEST_HEADER = 64

/**
 * The milliseconds that a `Retry-After` header asks for, between 0 and five minutes. It holds seconds or an HTTP date
 * (RFC 9110, 10.2.3); undefined when absent or neither.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.length > LONGEST_HEADER) return undefined
  const wish = millisecondsIn(header.trim(), now)
  if (wish === undefined) return undefined
  return Math.min(Math.max(wish, 0), LONGEST_RETRY_AFTER_MS)
}

function millisecondsIn(text: string, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/u.test(text)) return Math.ceil(Number(text) * 1000)
  const date = /[a-z]/iu.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : date - now
}
