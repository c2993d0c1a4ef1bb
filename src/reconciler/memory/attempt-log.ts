import type { KeyDigest } from '../../external/key-digest.ts'
import type { ObjectKey } from '../ports.ts'

/**
 * Every create attempt that this process has seen, its own or in an annotation, by name: `kubectl replace` strips
 * the annotation without a word. Of those that have ended only the highest number is kept. Monotonic milliseconds.
 */
export interface AttemptLog {
  /** Idempotent for one object: the first time counts. */
  recordSeen(key: ObjectKey, attempt: SeenAttempt): void
  /**
   * The journal could not be written: if the number turns up in an annotation, another process may have sent a create
   * under it.
   */
  notJournaled(key: ObjectKey, number: number): void
  /** Its sink is recorded, or confirmed gone. */
  ended(key: ObjectKey, number: number): void
  /** It has certainly made no sink: it was not sent, or Twilio has refused it. */
  madeNothing(key: ObjectKey, number: number): void
  /** The object has recorded the end of its attempts up to this one, whichever process made them. */
  recorded(key: ObjectKey, uid: string, upTo: number): void
  /** The request went out, and its answer did not come: it may still take effect from `at` on. */
  unanswered(key: ObjectKey, number: number, at: number): void
  /** Those without a known end, number ascending. */
  open(key: ObjectKey, above: number): readonly SeenAttempt[]
  highest(key: ObjectKey): number
  /** When the last attempts of the object were that may have made a sink, RFC 3339; undefined: none of it is known. */
  times(key: ObjectKey, uid: string): readonly string[] | undefined
  /** The number of the last one is known to have ended. */
  hasEnded(key: ObjectKey, number: number): boolean
  /** Numbers begin anew: MUST be settled (`forget-settled.ts`). */
  forget(key: ObjectKey): void
}

export interface SeenAttempt {
  readonly number: number
  readonly uid: string
  readonly accountSid: string
  readonly key: KeyDigest
  readonly times: readonly string[]
  readonly seenAt: number
  /**
   * Name of the TwilioAccount that this process has sent it through. Undefined: it is known only from an annotation,
   * which everybody who may edit the object can write.
   */
  readonly through?: ObjectKey
}

type Known = SeenAttempt & { readonly ended: boolean; readonly madeNothing?: boolean }

export function createAttemptLog(): AttemptLog {
  const attempts = new Map<ObjectKey, Map<number, Known>>()
  const of = (key: ObjectKey) => attempts.get(key) ?? new Map<number, Known>()
  const change = (key: ObjectKey, number: number, by: Partial<Known>): void => {
    const known = of(key).get(number)
    if (known !== undefined) of(key).set(number, { ...known, ...by })
  }
  const highest = (key: ObjectKey): number => Math.max(0, ...of(key).keys())
  const end = (key: ObjectKey, numbers: Iterable<number>): void => {
    for (const number of numbers) change(key, number, { ended: true })
    const last = highest(key)
    for (const { number, ended } of of(key).values()) if (ended && number < last) of(key).delete(number)
  }
  return {
    recordSeen: (key, attempt) => {
      if (of(key).get(attempt.number)?.uid === attempt.uid) return
      attempts.set(key, of(key).set(attempt.number, { ...attempt, ended: false }))
    },
    notJournaled: (key, number) => {
      of(key).delete(number)
      if (of(key).size === 0) attempts.delete(key)
    },
    ended: (key, number) => {
      end(key, [number])
    },
    madeNothing: (key, number) => {
      change(key, number, { madeNothing: true })
      end(key, [number])
    },
    recorded: (key, uid, upTo) => {
      const theirs = [...of(key).values()].filter((one) => one.uid === uid && one.number <= upTo)
      const numbers = theirs.filter(({ ended }) => !ended).map(({ number }) => number)
      if (numbers.length > 0) end(key, numbers)
    },
    unanswered: (key, number, at) => {
      change(key, number, { seenAt: at })
    },
    open: (key, above) =>
      [...of(key).values()]
        .filter(({ ended, number }) => !ended && number > above)
        .sort((a, b) => a.number - b.number),
    highest,
    times: (key, uid) => {
      const last = of(key).get(highest(key))
      if (last?.uid !== uid) return undefined
      return last.madeNothing === true ? last.times.slice(0, -1) : last.times
    },
    hasEnded: (key, number) => of(key).get(number)?.ended ?? false,
    forget: (key) => {
      attempts.delete(key)
    },
  }
}
