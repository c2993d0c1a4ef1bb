import { createPause, type Pause } from './pause.ts'
import { createSlots, type Slots } from './slots.ts'

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
    const limits = { slots: createSlots(maxCallsPerAccount), pause: createPause(monotonic) }
    known.set(group, limits)
    return limits
  }
}
