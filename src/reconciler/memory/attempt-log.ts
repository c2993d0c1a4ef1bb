import type { KeyDigest } from '../../external/key-digest.ts'
import type { ObjectKey } from '../ports.ts'

/**
 * Every create attempt that this process has seen under one name, its own or in an annotation: `kubectl replace` strips
 * the annotation without a word. Of those that have ended only the highest number is kept. Monotonic milliseconds.
 */
export class AttemptLog {
  private readonly known = new Map<number, KnownAttempt>()
  /** Ours, while its journal is written, and what an annotation shows under its number. */
  private begun: { readonly number: number; shown: SeenAttempt | undefined } | undefined

  /** Idempotent for one object: the first time counts. */
  recordSeen(attempt: SeenAttempt): void {
    const { number, uid } = attempt
    if (this.known.get(number)?.uid !== uid) this.known.set(number, { ...attempt, ended: false })
    if (this.begun?.number === number) this.begun.shown ??= attempt
  }

  /** Ours, before its journal is written: the answer may be lost. `journaled` or `notJournaled` follows. */
  begin(attempt: SeenAttempt): void {
    const { number } = attempt
    const shown = this.known.get(number)
    this.begun = { number, shown }
    if (shown === undefined) this.known.set(number, { ...attempt, ended: false })
  }

  journaled(): void {
    this.begun = undefined
  }

  /**
   * The answer was not that it is written. What an annotation has shown under the number meanwhile stays, also if it was
   * stripped since: it was written all the same, or another process may have sent a create under it.
   */
  notJournaled(): void {
    if (this.begun === undefined) return
    const { number, shown } = this.begun
    const ended = this.known.get(number)?.ended ?? false
    this.begun = undefined
    if (shown === undefined) this.known.delete(number)
    else this.known.set(number, { ...shown, ended })
  }

  /** Its sink is recorded, or confirmed gone. */
  ended(number: number): void {
    this.change(number, { ended: true })
    const last = this.highest()
    for (const one of this.known.values()) if (one.ended && one.number < last) this.known.delete(one.number)
  }

  /** It has certainly made no sink: it was not sent, or Twilio has refused it. */
  madeNothing(number: number): void {
    this.change(number, { madeNothing: true })
    this.ended(number)
  }

  /** The object has recorded the end of its attempts up to this one, whichever process made them. */
  recorded(uid: string, upTo: number): void {
    for (const one of this.open(0)) if (one.uid === uid && one.number <= upTo) this.ended(one.number)
  }

  /** The request went out, and its answer did not come: it may still take effect from `at` on. */
  unanswered(number: number, at: number): void {
    this.change(number, { seenAt: at })
  }

  /** Those without a known end, number ascending. */
  open(above: number): readonly SeenAttempt[] {
    return [...this.known.values()]
      .filter(({ ended, number }) => !ended && number > above)
      .sort((a, b) => a.number - b.number)
  }

  highest(): number {
    return Math.max(0, ...this.known.keys())
  }

  /** When the last attempts of the object were that may have made a sink, RFC 3339; undefined: none of it is known. */
  times(uid: string): readonly string[] | undefined {
    const last = this.known.get(this.highest())
    if (last?.uid !== uid) return undefined
    return last.madeNothing === true ? last.times.slice(0, -1) : last.times
  }

  /** The number of the last one is known to have ended. */
  hasEnded(number: number): boolean {
    return this.known.get(number)?.ended ?? false
  }

  private change(number: number, by: Partial<KnownAttempt>): void {
    const known = this.known.get(number)
    if (known !== undefined) this.known.set(number, { ...known, ...by })
  }
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

interface KnownAttempt extends SeenAttempt {
  readonly ended: boolean
  readonly madeNothing?: boolean
}
