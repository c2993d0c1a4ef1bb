/** A pause of all of an account's calls: Twilio limits the account, so one answer of 429 concerns every call. */
export interface Pause {
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
