import { TwilioFailure } from '../../external/failure.ts'

/** Milliseconds, where Twilio does not say how long. */
const PAUSE_MS = 1_000
const MOST_ROUNDS = 3

/**
 * Repeats a recheck and its change while the change was certainly not made: it came too late after the recheck, or
 * Twilio asked to wait. For callers that no queue calls again.
 *
 * @param pause milliseconds
 */
export async function repeatChange<T>(
  round: () => Promise<T>,
  pause: (ms: number) => Promise<unknown>,
): Promise<T> {
  for (let made = 1; ; made += 1) {
    try {
      return await round()
    } catch (error) {
      if (made === MOST_ROUNDS || !isNotMade(error)) throw error
      await pause(error.retryAfterMs ?? PAUSE_MS)
    }
  }
}

const isNotMade = (error: unknown): error is TwilioFailure =>
  error instanceof TwilioFailure && (error.kind === 'not-sent' || error.kind === 'rate-limited')
