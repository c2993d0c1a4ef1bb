import { createPause, type Pause } from './pause.ts'
import { createSlots, type Slots } from './slots.ts'

/** What all connections to one account share, whatever their credential: Twilio counts by account. */
export interface AccountLimits {
  readonly slots: Slots
  readonly pause: Pause
}

/** Limits by account SID. They are a few numbers each and are kept as long as the process lives. */
export function createLimits(
  maxCallsPerAccount: number,
  monotonic: () => number,
): (accountSid: string) => AccountLimits {
  const known = new Map<string, AccountLimits>()
  return (accountSid) => {
    const before = known.get(accountSid)
    if (before !== undefined) return before
    const limits = { slots: createSlots(maxCallsPerAccount), pause: createPause(monotonic) }
    known.set(accountSid, limits)
    return limits
  }
}
