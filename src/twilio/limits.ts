import { Slots } from '../time/slots.ts'

/** A pause of all of an account's calls: Twilio limits the account, so one answer of 429 concerns every call. */
interface Pause {
  /** Milliseconds still to wait; 0 when there is no pause. */
  remainingMs(): number
  /** Extends the pause; never shortens it. */
  atLeast(milliseconds: number): void
}

export function createPause(monotonic: () => number): Pause {
  let until = Number.NEGATIVE_INFINITY
  return {
    remainingMs: () => Math.max(0, Math.ceil(until - monotonic())),
    atLeast(milliseconds) {
      until = Math.max(until, monotonic() + milliseconds)
    },
  }
}

/** What all connections to one account share, as far as it is known that it is one: Twilio counts by account. */
export interface AccountLimits {
  readonly slots: Slots
  readonly pause: Pause
}

/** Limits by group. They are a few numbers each and are kept as long as the process lives. */
export function createLimits(
  maxCallsPerAccount: number,
  monotonic: () => number,
): (group: string) => AccountLimits {
  const known = new Map<string, AccountLimits>()
  return (group) => {
    const before = known.get(group)
    if (before !== undefined) return before
    const limits = { slots: new Slots(maxCallsPerAccount), pause: createPause(monotonic) }
    known.set(group, limits)
    return limits
  }
}
