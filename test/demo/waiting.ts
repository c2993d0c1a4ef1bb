import { setTimeout as sleep } from 'node:timers/promises'

const EVERY_MS = 100
const WITHIN_MS = 60_000

/** What was to be seen was not. */
export class NotAsExpected extends Error {
  readonly expected: string
  readonly seen: string

  constructor(expected: string, seen: string) {
    super(`expected ${expected}, seen ${seen}`)
    this.name = 'NotSeen'
    this.expected = expected
    this.seen = seen
  }
}

export interface DemoExpectation<T> {
  readonly expected: string
  readonly look: () => Promise<T>
  readonly holds: (value: T) => boolean
  /** The value in words, for when it does not hold. */
  readonly tell: (value: T) => string
}

export type Until = <T>(expectation: DemoExpectation<T>) => Promise<T>

/**
 * Looks again and again until what is seen holds. Rejects with `NotSeen` after 60 s, or with the signal's reason. A look
 * that fails counts as seeing nothing.
 */
export function untilOrAborted(signal: AbortSignal): Until {
  return async ({ expected, look, holds, tell }) => {
    const deadline = performance.now() + WITHIN_MS
    let seen = 'nothing'
    while (performance.now() < deadline) {
      signal.throwIfAborted()
      try {
        const value = await look()
        if (holds(value)) return value
        seen = tell(value)
      } catch (error) {
        seen = messageOf(error)
      }
      await sleep(EVERY_MS)
    }
    throw new NotAsExpected(`${expected} within ${WITHIN_MS / 1000} s`, seen)
  }
}

/** For what must be so at once. */
export function mustBe(what: string, expected: string | number, seen: string | number): void {
  if (expected !== seen) throw new NotAsExpected(`${what}: ${expected}`, String(seen))
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
