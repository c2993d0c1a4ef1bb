import type { ObjectKey } from './ports.ts'

/**
 * Every create attempt that this process has seen, its own or in an annotation, by name: `kubectl replace` strips
 * the annotation without a word. Monotonic milliseconds.
 */
export interface AttemptLog {
  /** Idempotent for one object: the first sight counts. */
  saw(key: ObjectKey, attempt: SeenAttempt): void
  /** The claim failed: if the number turns up in an annotation, another process may have sent a create under it. */
  notClaimed(key: ObjectKey, number: number): void
  /** It has certainly made no sink, or its sink is recorded. */
  ended(key: ObjectKey, number: number): void
  /** All of them are proven to have left nothing. */
  endedAll(key: ObjectKey): void
  /** The request went out, and its answer did not come: it may still take effect from `at` on. */
  unanswered(key: ObjectKey, number: number, at: number): void
  /** Those without a known end, number ascending. */
  open(key: ObjectKey, above: number): readonly SeenAttempt[]
  highest(key: ObjectKey): number
  /** The number of the last one is known to have ended. */
  hasEnded(key: ObjectKey, number: number): boolean
}

export interface SeenAttempt {
  readonly number: number
  readonly uid: string
  readonly accountSid: string
  readonly key: string
  readonly times: readonly string[]
  readonly seenAt: number
}

export function createAttemptLog(): AttemptLog {
  const attempts = new Map<ObjectKey, Map<number, SeenAttempt & { readonly ended: boolean }>>()
  const of = (key: ObjectKey) =>
    attempts.get(key) ?? new Map<number, SeenAttempt & { readonly ended: boolean }>()
  const change = (key: ObjectKey, number: number, by: Partial<{ ended: boolean; seenAt: number }>): void => {
    const known = of(key).get(number)
    if (known !== undefined) of(key).set(number, { ...known, ...by })
  }
  return {
    saw: (key, attempt) => {
      if (of(key).get(attempt.number)?.uid === attempt.uid) return
      attempts.set(key, of(key).set(attempt.number, { ...attempt, ended: false }))
    },
    notClaimed: (key, number) => {
      of(key).delete(number)
    },
    ended: (key, number) => {
      change(key, number, { ended: true })
    },
    unanswered: (key, number, at) => {
      change(key, number, { seenAt: at })
    },
    open: (key, above) =>
      [...of(key).values()]
        .filter(({ ended, number }) => !ended && number > above)
        .sort((a, b) => a.number - b.number),
    highest: (key) => Math.max(0, ...of(key).keys()),
    hasEnded: (key, number) => of(key).get(number)?.ended ?? false,
    endedAll: (key) => {
      for (const number of of(key).keys()) change(key, number, { ended: true })
    },
  }
}
