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

/** Limits by group. One that nobody uses and that does not pause is as good as a new one: it is kept no longer. */
export class LimitGroups {
  readonly #maxCallsPerAccount: number
  readonly #monotonic: () => number
  readonly #known = new Map<string, AccountLimits>()

  constructor(maxCallsPerAccount: number, monotonic: () => number) {
    this.#maxCallsPerAccount = maxCallsPerAccount
    this.#monotonic = monotonic
  }

  /** How many are kept. */
  get size(): number {
    return this.#known.size
  }

  /** A slot MUST be asked for at once. */
  of(group: string): AccountLimits {
    const before = this.#known.get(group)
    if (before !== undefined) return before
    for (const [other, { slots, pause }] of this.#known)
      if (slots.taken === 0 && pause.remainingMs() === 0) this.#known.delete(other)
    const limits = { slots: new Slots(this.#maxCallsPerAccount), pause: createPause(this.#monotonic) }
    this.#known.set(group, limits)
    return limits
  }
}
