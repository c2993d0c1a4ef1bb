import type { KeyDigest } from '../external/key-digest.ts'
import type { Owner } from '../external/ownership-mark.ts'
import type { LastSeen } from './last-seen.ts'
import { markedBy, type CompleteList, type Snapshot } from './snapshot.ts'

/**
 * Whether the absence of a sink is confirmed. Assumption (docs/reliability/limits.md): Twilio shows a committed write to
 * every reader within the settle time. A 401, 403, 5xx, timeout, HTML page or half a list proves nothing.
 */
export interface AbsenceCheck {
  /** The LISTs at hand confirm it. */
  readonly confirmed: boolean
  /** A LIST that begins at this moment, or later, can confirm it; monotonic ms. */
  readonly from: number
}

export interface AbsenceContext {
  readonly lastSeen: LastSeen
  /** Milliseconds. */
  readonly settle: number
  /** Monotonic ms. */
  readonly leadingSince: number
  /** The key is a witness for the sink, or a person has approved just this sink. */
  readonly trusted: boolean
  /**
   * The keys through which a mark that was seen counts: those that the TwilioAccount has used, and those known to be of
   * one account.
   */
  readonly keys: ReadonlySet<KeyDigest>
}

/**
 * A recorded sink is gone when our own DELETE was answered 204, or a GET or DELETE by Twilio's own 404; and it is absent
 * from a complete LIST, through a witness for it, that began after that answer and, unless the DELETE was ours, a settle
 * time after the sink was last seen or written. A LIST that began too early never confirms it, however long one waits.
 */
export function sinkGone(
  snapshot: Snapshot,
  sid: string,
  context: Omit<AbsenceContext, 'keys'>,
): AbsenceCheck {
  const absence = snapshot.absences.get(sid)
  const seenAt = context.lastSeen.ofSink(sid) ?? context.leadingSince
  const settled = absence?.byOwnDelete === true ? 0 : seenAt + context.settle
  const from = Math.max(settled, absence?.answeredAt ?? 0)
  const [list] = snapshot.lists
  if (absence === undefined || list === undefined || snapshot.sinks.has(sid))
    return { confirmed: false, from }
  return { confirmed: context.trusted && list.beganAt > from, from }
}

/**
 * No sink carries the owner's mark with a number above `above`: one-page LISTs that began at `since` or later show
 * none (two in a row where it took several pages), and none was seen or written within the settle time before. A sink that
 * our own DELETE has taken away, as a later LIST has confirmed, was seen for the last time: it makes nobody wait.
 */
export function markAbsent(
  snapshot: Snapshot,
  { owner, above, since }: { readonly owner: Owner; readonly above: number; readonly since: number },
  context: Pick<AbsenceContext, 'lastSeen' | 'settle' | 'keys'>,
): AbsenceCheck {
  const isGone = (sid: string): boolean => isDeleted(snapshot, sid)
  const seenAt = context.lastSeen.ofMark(owner, above, context.keys, isGone)
  const from = Math.max(since, seenAt === undefined ? 0 : seenAt + context.settle)
  if (markedBy(snapshot, owner).some(({ mark }) => mark.number > above)) return { confirmed: false, from }
  return { confirmed: listedSince(snapshot.lists, from), from }
}

function isDeleted({ absences, lists, sinks }: Snapshot, sid: string): boolean {
  const absence = absences.get(sid)
  const [list] = lists
  if (absence?.byOwnDelete !== true || list === undefined || sinks.has(sid)) return false
  return list.beganAt > absence.answeredAt
}

/** Whether complete LISTs, as many as a confirmation needs, have begun at `from` or later. */
export function listedSince(lists: readonly CompleteList[], from: number): boolean {
  const [latest, previous] = lists
  if (latest === undefined || latest.beganAt < from) return false
  return latest.pages === 1 || (previous !== undefined && previous.beganAt >= from)
}

/**
 * What was seen before this moment can be forgotten: every LIST that is remembered began more than a settle time after it.
 * A LIST may take longer than the settle time, so the moment follows from when LISTs began and not from now; else a
 * LIST that began too early would come to count by forgetting.
 */
export function settledBefore(lists: readonly CompleteList[], settle: number): number {
  // Without a LIST nothing is known to be settled.
  if (lists.length === 0) return Number.NEGATIVE_INFINITY
  return Math.min(...lists.map(({ beganAt }) => beganAt)) - 2 * settle
}
