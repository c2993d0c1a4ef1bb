/** One thing that has happened to an object again. */
export interface Repetition {
  /** How often, without a longer break in between. */
  readonly count: number
  /** Whether people are to be told: what happened is new, or was told an hour ago. */
  readonly tell: boolean
}

interface Known {
  readonly count: number
  readonly at: number
  /** What was told last. */
  readonly what: string | undefined
  readonly toldAt: number | undefined
}

/** As long as an event lasts; milliseconds. */
const TELL_AGAIN = 3_600_000

/**
 * What happens to objects again and again, so that it is answered ever more slowly and told once. One that has not
 * happened for `quiet` milliseconds begins anew, which MUST be longer than the longest delay between two answers.
 */
export class Repetitions {
  private readonly known = new Map<string, Known>()
  private readonly quiet: number
  private readonly otherAfter: number

  /** `otherAfter`: other words are told no sooner after the last, since whoever chooses them can change them each time. */
  constructor(quiet: number, otherAfter = 0) {
    this.quiet = quiet
    this.otherAfter = otherAfter
  }

  /** `what` in a few words; `told` from how many repetitions on people are to know. `now`: monotonic milliseconds. */
  note(object: string, what: string, now: number, told = 1): Repetition {
    this.forget(now)
    const before = this.known.get(object)
    const count = (before?.count ?? 0) + 1
    const again = before?.what === what ? TELL_AGAIN : this.otherAfter
    const isNews = before?.toldAt === undefined || now - before.toldAt >= again
    const tell = count >= told && isNews
    // To the end, as the one that happened last.
    this.known.delete(object)
    const last = tell ? { what, toldAt: now } : { what: before?.what, toldAt: before?.toldAt }
    this.known.set(object, { count, at: now, ...last })
    return { count, tell }
  }

  count(object: string): number {
    return this.known.get(object)?.count ?? 0
  }

  /** It is over. */
  end(object: string): void {
    this.known.delete(object)
  }

  private forget(now: number): void {
    for (const [object, { at }] of this.known) {
      if (now - at <= this.quiet) break
      this.known.delete(object)
    }
  }
}
