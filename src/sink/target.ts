import { betterClaim, isBorneOut, ownClaim, recordedSince, standing, type Claim } from '../external/claim.ts'
import { differenceOf, notComparable, type Difference } from './difference.ts'
import type { ExternalSink } from '../external/external-sink.ts'
import type { MarkedSink, Observation, ObservedObject, PresentAccount } from './observation.ts'
import { readMark, sameOwner, type Mark } from '../external/ownership-mark.ts'

/** The one external sink that the object means. Found before any table is looked at. */
export type Target =
  /** `difference`: from what the object says; undefined: none. */
  | { readonly kind: 'ours'; readonly sink: ExternalSink; readonly difference: Difference | undefined }
  | { readonly kind: 'to-take-over'; readonly sink: ExternalSink; readonly mark: Mark }
  | { readonly kind: 'foreign'; readonly conflict: Conflict }
  | { readonly kind: 'several'; readonly sids: readonly string[] }
  /** Neither seen nor confirmed gone; `sid` where a GET can help. */
  | { readonly kind: 'unconfirmed'; readonly sid: string | undefined }
  /** Confirmed. */
  | { readonly kind: 'absent' }

export type Conflict =
  | { readonly reason: 'OwnershipConflict'; readonly sid: string; readonly holder: string }
  /** To be imported, while this object has a sink already. */
  | { readonly reason: 'OwnershipConflict'; readonly sid: string; readonly beside: string }
  /** Recorded, and nothing but the SID says that it belongs to this object. */
  | { readonly reason: 'OwnershipConflict'; readonly sid: string; readonly unexplained: true }
  /** An earlier Sink of this name has left it, and it differs from this one. */
  | { readonly reason: 'OwnershipConflict'; readonly sid: string; readonly differs: readonly string[] }
  | { readonly reason: 'ImportMismatch'; readonly sid: string; readonly members: readonly string[] }
  | { readonly reason: 'ImportNotFound'; readonly sid: string }
  /** `waits`: not all Sinks are known. */
  | { readonly reason: 'ImportNotAllowed'; readonly sid: string; readonly waits?: boolean }

/** Sinks with our mark that an open attempt made, or that a lost status forgot: numbers above the last recorded end. */
export function successors({ object, snapshot }: Observation): readonly MarkedSink[] {
  const ended = recordedEnd(object.status)
  return snapshot.own.filter(({ mark, sink }) => mark.number > ended && sink.sid !== object.status.sid)
}

/**
 * Up to this number an attempt has ended with what is recorded. A status that describes a sink without its SID has lost
 * the SID, as by a CRD that does not name the field: then whatever carries our mark is ours.
 */
export const recordedEnd = (status: ObservedObject['status']): number =>
  hasLostItsSid(status) ? 0 : (status.createAttempt ?? 0)

const hasLostItsSid = ({ sid, accountSid, sinkType }: ObservedObject['status']): boolean =>
  sid === undefined && (accountSid !== undefined || sinkType !== undefined)

/**
 * Whether this very object has made the sink with the mark, as its status, its journal or the memory of the process say.
 * Else an earlier object of the name has left it: by Orphan, with a CRD that was taken away, or in a cluster that was lost.
 */
export const isOwnWork = ({ object, attempts }: Observation, { number }: Mark): boolean =>
  object.status.sid !== undefined ||
  hasLostItsSid(object.status) ||
  object.journal === number ||
  attempts.some((attempt) => attempt.number === number && attempt.uid === object.uid)

export function findTarget(o: Observation, account: PresentAccount): Target {
  const { status, importSid, deleting } = o.object
  const { recorded, recordedGone } = o.snapshot
  if (recorded !== undefined) return recordedTarget(o, account, recorded)
  const made = successors(o)
  if (made.length > 1) return { kind: 'several', sids: sidsOf(made) }
  const [successor] = made
  if (successor !== undefined) return successorTarget(o, successor)
  if (status.sid !== undefined && !recordedGone) return { kind: 'unconfirmed', sid: status.sid }
  if (importSid !== undefined && !deleting) return importTarget(o, account, importSid)
  return nothingSeen(o)
}

function recordedTarget(o: Observation, account: PresentAccount, sink: ExternalSink): Target {
  const { mark } = readMark(sink.description)
  if (mark !== undefined && !sameOwner(mark, o.owner)) return foreign(sink.sid, markHolder(mark))
  if (mark === undefined && !isExplained(o, account, sink))
    return conflicting({ reason: 'OwnershipConflict', sid: sink.sid, unexplained: true })
  return unlessClaimed(o, sink)
}

/** A mark that is gone is drift where the status knows more of the sink than its SID, which anybody can write there. */
const isExplained = (
  { object }: Observation,
  { importsAllowed }: PresentAccount,
  sink: ExternalSink,
): boolean =>
  isBorneOut({ dateCreated: recordedSince(object.status) }, sink) ||
  (importsAllowed && object.importSid === sink.sid)

/** An import beside a sink of our own would leave one of the two without an object. */
function successorTarget(o: Observation, { sink, mark }: MarkedSink): Target {
  const { importSid, status, deleting } = o.object
  const beside = importSid !== undefined && importSid !== sink.sid && status.sid === undefined && !deleting
  if (beside) return conflicting({ reason: 'OwnershipConflict', sid: importSid, beside: sink.sid })
  const difference = differenceFrom(o, sink)
  if (difference !== undefined && !isOwnWork(o, mark)) return unlike(sink, difference.members)
  return unlessClaimed(o, sink, difference)
}

function importTarget(o: Observation, account: PresentAccount, sid: string): Target {
  const { imported, importGone, importAbandoned } = o.snapshot
  if (!account.importsAllowed) return conflicting({ reason: 'ImportNotAllowed', sid })
  if (account.importsWait === true) return conflicting({ reason: 'ImportNotAllowed', sid, waits: true })
  if (importGone) return conflicting({ reason: 'ImportNotFound', sid })
  if (imported === undefined) return { kind: 'unconfirmed', sid }
  const { mark } = readMark(imported.description)
  const marked = mark !== undefined && !sameOwner(mark, o.owner)
  if (marked && !importAbandoned) return foreign(sid, markHolder(mark))
  const difference = differenceOf(o.desired, imported, [])
  if (difference !== undefined)
    return conflicting({ reason: 'ImportMismatch', sid, members: difference.members })
  return marked ? takeOver(o, imported, mark) : unlessClaimed(o, imported)
}

function takeOver(o: Observation, sink: ExternalSink, mark: Mark): Target {
  const free = unlessClaimed(o, sink)
  return free.kind === 'ours' ? { kind: 'to-take-over', sink, mark } : free
}

/** No SID that could be looked up: a sink of another installation to take over, or the confirmation that there is none. */
function nothingSeen(o: Observation): Target {
  const { snapshot, attempts, object } = o
  if (!object.deleting) {
    const free = snapshot.elsewhere.filter(({ takeOver }) => takeOver)
    if (free.length > 1) return { kind: 'several', sids: sidsOf(free) }
    const [only] = free
    if (only !== undefined) return takeOverAsItIs(o, only)
  }
  const absent = snapshot.nothingOfOurs && attempts.every((attempt) => attempt.absent)
  return absent ? { kind: 'absent' } : { kind: 'unconfirmed', sid: undefined }
}

/** The mark says whose sink it is; what differs is not put on an object that has not made it. */
function takeOverAsItIs(o: Observation, { sink, mark }: MarkedSink): Target {
  const difference = differenceFrom(o, sink)
  return difference === undefined ? takeOver(o, sink, mark) : unlike(sink, difference.members)
}

function unlessClaimed(o: Observation, sink: ExternalSink, difference = differenceFrom(o, sink)): Target {
  const own = { ...ownClaim(o.object, sink), matches: difference === undefined }
  const better = betterClaim(own, standing(o.snapshot.claims.get(sink.sid) ?? [], sink, recordOf(o)))
  return better === undefined ? { kind: 'ours', sink, difference } : foreign(sink.sid, nameOf(better, o))
}

const differenceFrom = (o: Observation, sink: ExternalSink): Difference | undefined =>
  differenceOf(o.desired, sink, notComparable(o, sink))

const recordOf = ({ owner, object }: Observation) => ({ owner, sid: object.status.sid })

/** Objects of other namespaces are not named to people who may not see them. */
function nameOf({ key }: Claim, { object }: Observation): string {
  const isNear = key.split('/')[0] === object.key.split('/')[0]
  return isNear ? `the Sink ${key}` : 'a Sink of another namespace'
}

/** In one order, however Twilio lists them: a message that changes is a write. */
export const sidsOf = (sinks: readonly MarkedSink[]): string[] => sinks.map(({ sink }) => sink.sid).sort()

const conflicting = (conflict: Conflict): Target => ({ kind: 'foreign', conflict })
const foreign = (sid: string, holder: string): Target =>
  conflicting({ reason: 'OwnershipConflict', sid, holder })
const unlike = ({ sid }: ExternalSink, differs: readonly string[]): Target =>
  conflicting({ reason: 'OwnershipConflict', sid, differs })

const markHolder = ({ installation, object, number }: Mark): string =>
  `another object, whose mark [k8s:${installation}/${object}/${number}] is in its description`
