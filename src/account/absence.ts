import type { KeyDigest } from '../sink/key-digest.ts'
import type { Owner } from '../sink/ownership-mark.ts'
import type { LastSeen } from './last-seen.ts'
import { markedBy, type CompleteList, type Snapshot } from './snapshot.ts'

/**
 * When the absence of a sink may be believed. Assumption (docs/reliability.md): Twilio shows a committed write to
 * every reader within the settle time. A 401, 403, 5xx, timeout, HTML page or half a list proves nothing.
 */
export interface Proof {
  /** The LISTs at hand prove it. */
  readonly proven: boolean
  /** A LIST that begins at this moment, or later, can prove it; monotonic ms. */
  readonly from: number
}

export interface ProofContext {
  readonly lastSeen: LastSeen
  /** Milliseconds. */
  readonly settle: number
  /** Monotonic ms. */
  readonly leadingSince: number
  /** The key is a witness for the sink, or a person has released just this sink. */
  readonly believed: boolean
  /** The keys through which a mark that was seen counts: those that the TwilioAccount has used, and those known to be of one account. */
  readonly keys: ReadonlySet<KeyDigest>
}

/**
 * A recorded sink is gone when our own DELETE was answered 204, or a GET or DELETE by Twilio's own 404; and it is
 * absent from a complete LIST, through a witness for it, that began after that answer and, unless the DELETE was ours, a settle time after the sink
 * was last seen or written. Proof gathered earlier does not ripen by waiting.
 */
export function sinkGone(snapshot: Snapshot, sid: string, context: Omit<ProofContext, 'keys'>): Proof {
  const absence = snapshot.absences.get(sid)
  const seenAt = context.lastSeen.ofSink(sid) ?? context.leadingSince
  const settled = absence?.byOwnDelete === true ? 0 : seenAt + context.settle
  const from = Math.max(settled, absence?.answeredAt ?? 0)
  const [list] = snapshot.lists
  if (absence === undefined || list === undefined || snapshot.sinks.has(sid)) return { proven: false, from }
  return { proven: context.believed && list.beganAt > from, from }
}

/**
 * No sink carries the owner's mark with a number above `above`: one-page LISTs that began at `since` or later show
 * none (two in a row where it took several pages), and none was seen or written within the settle time before. A sink that
 * our own DELETE has taken away, as a later LIST has confirmed, was seen for the last time: it makes nobody wait.
 */
export function markAbsent(
  snapshot: Snapshot,
  { owner, above, since }: { readonly owner: Owner; readonly above: number; readonly since: number },
  context: Pick<ProofContext, 'lastSeen' | 'settle' | 'keys'>,
): Proof {
  const isGone = (sid: string): boolean => isDeleted(snapshot, sid)
  const seenAt = context.lastSeen.ofMark(owner, above, context.keys, isGone)
  const from = Math.max(since, seenAt === undefined ? 0 : seenAt + context.settle)
  if (markedBy(snapshot, owner).some(({ mark }) => mark.number > above)) return { proven: false, from }
  return { proven: listedSince(snapshot.lists, from), from }
}

function isDeleted({ absences, lists, sinks }: Snapshot, sid: string): boolean {
  const absence = absences.get(sid)
  const [list] = lists
  if (absence?.byOwnDelete !== true || list === undefined || sinks.has(sid)) return false
  return list.beganAt > absence.answeredAt
}

/** Whether complete LISTs as a proof demands have begun at `from` or later. */
export function listedSince(lists: readonly CompleteList[], from: number): boolean {
  const [latest, previous] = lists
  if (latest === undefined || latest.beganAt < from) return false
  return latest.pages === 1 || (previous !== undefined && previous.beganAt >= from)
}

/**
 * What was seen before this moment can be forgotten: every LIST that is remembered began more than a settle time after it.
 * A LIST may take longer than the settle time, so the moment follows from when LISTs began and not from now; else proof
 * gathered too early would ripen by forgetting.
 */
export function settledBefore(lists: readonly CompleteList[], settle: number): number {
  // Without a LIST nothing is known to be settled.
  if (lists.length === 0) return Number.NEGATIVE_INFINITY
  return Math.min(...lists.map(({ beganAt }) => beganAt)) - 2 * settle
}
