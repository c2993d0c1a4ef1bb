import { betterClaim } from './claim.ts'
import { differenceOf } from './difference.ts'
import type { ExternalSink } from './external-sink.ts'
import type { MarkedSink, Observation, ObservedObject, PresentAccount } from './observation.ts'
import { readMark, sameOwner, type Mark } from './ownership-mark.ts'
import { notComparable } from './rewritten.ts'

/** The one external sink that the object means. Found before any table is looked at. */
export type Target =
  | { readonly kind: 'ours'; readonly sink: ExternalSink }
  | { readonly kind: 'to-take-over'; readonly sink: ExternalSink; readonly mark: Mark }
  | { readonly kind: 'foreign'; readonly conflict: Conflict }
  | { readonly kind: 'several'; readonly sids: readonly string[] }
  /** Neither seen nor proven gone; `sid` where a GET can help. */
  | { readonly kind: 'unconfirmed'; readonly sid: string | undefined }
  /** Proven. */
  | { readonly kind: 'absent' }

export type Conflict =
  | { readonly reason: 'OwnershipConflict'; readonly sid: string; readonly holder: string }
  | { readonly reason: 'ImportMismatch'; readonly sid: string; readonly members: readonly string[] }
  | { readonly reason: 'ImportNotFound' | 'ImportNotAllowed'; readonly sid: string }

/** Sinks with our mark that an open attempt made, or that a lost status forgot: numbers above the last recorded end. */
export function successors({ object, snapshot }: Observation): readonly MarkedSink[] {
  const ended = recordedEnd(object.status)
  return snapshot.own.filter(({ mark, sink }) => mark.number > ended && sink.sid !== object.status.sid)
}

/**
 * Up to this number an attempt has ended with what is recorded. A status that tells of a sink and not of its SID has lost
 * the SID, as by a CRD that does not name the field: then whatever carries our mark is ours.
 */
export function recordedEnd({ sid, accountSid, sinkType, createAttempt }: ObservedObject['status']): number {
  const isLost = sid === undefined && (accountSid !== undefined || sinkType !== undefined)
  return isLost ? 0 : (createAttempt ?? 0)
}

export function findTarget(o: Observation, account: PresentAccount): Target {
  const { status, importSid, deleting } = o.object
  const { recorded, recordedGone } = o.snapshot
  if (recorded !== undefined) return recordedTarget(o, recorded)
  const made = successors(o)
  if (made.length > 1) return { kind: 'several', sids: sidsOf(made) }
  const [successor] = made
  if (successor !== undefined) return successorTarget(o, successor.sink)
  if (status.sid !== undefined && !recordedGone) return { kind: 'unconfirmed', sid: status.sid }
  if (importSid !== undefined && !deleting) return importTarget(o, account, importSid)
  return nothingSeen(o)
}

function recordedTarget(o: Observation, sink: ExternalSink): Target {
  const { mark } = readMark(sink.description)
  if (mark !== undefined && !sameOwner(mark, o.owner)) return foreign(sink.sid, `the mark ${markText(mark)}`)
  return unlessClaimed(o, sink, 'recorded')
}

/** An import beside a sink of our own would leave one of the two without an object. */
function successorTarget(o: Observation, sink: ExternalSink): Target {
  const { importSid, status, deleting } = o.object
  const beside = importSid !== undefined && importSid !== sink.sid && status.sid === undefined && !deleting
  if (beside) return foreign(importSid, `${sink.sid}, which this object already has`)
  return unlessClaimed(o, sink, 'wished')
}

function importTarget(o: Observation, account: PresentAccount, sid: string): Target {
  const { imported, importGone, importAbandoned } = o.snapshot
  if (!account.importsAllowed) return { kind: 'foreign', conflict: { reason: 'ImportNotAllowed', sid } }
  if (importGone) return { kind: 'foreign', conflict: { reason: 'ImportNotFound', sid } }
  if (imported === undefined) return { kind: 'unconfirmed', sid }
  const { mark } = readMark(imported.description)
  const marked = mark !== undefined && !sameOwner(mark, o.owner)
  if (marked && !importAbandoned) return foreign(sid, `the mark ${markText(mark)}`)
  const difference = differenceOf(o.desired, imported, [])
  if (difference !== undefined) {
    return { kind: 'foreign', conflict: { reason: 'ImportMismatch', sid, members: difference.members } }
  }
  return marked ? takeOver(o, imported, mark) : unlessClaimed(o, imported, 'wished')
}

function takeOver(o: Observation, sink: ExternalSink, mark: Mark): Target {
  const free = unlessClaimed(o, sink, 'wished')
  return free.kind === 'ours' ? { kind: 'to-take-over', sink, mark } : free
}

/** No SID that could be looked up: a sink of another installation to take over, or the proof that there is none. */
function nothingSeen(o: Observation): Target {
  const { snapshot, attempts, object } = o
  if (!object.deleting) {
    const free = agreeingElsewhere(o).filter(({ takeOver }) => takeOver)
    if (free.length > 1) return { kind: 'several', sids: sidsOf(free) }
    const [only] = free
    if (only !== undefined) return takeOver(o, only.sink, only.mark)
  }
  const absent = snapshot.nothingOfOurs && attempts.every((attempt) => attempt.absent)
  return absent ? { kind: 'absent' } : { kind: 'unconfirmed', sid: undefined }
}

/** Sinks of another installation with this object's name and equal configuration. */
export function agreeingElsewhere({ snapshot, desired }: Observation) {
  return snapshot.elsewhere.filter(({ sink }) => differenceOf(desired, sink, []) === undefined)
}

function unlessClaimed(o: Observation, sink: ExternalSink, kind: 'recorded' | 'wished'): Target {
  const matches = differenceOf(o.desired, sink, notComparable(o, sink)) === undefined
  const own = { ...o.object.claim, kind, matches }
  const better = betterClaim(own, o.snapshot.claims.get(sink.sid) ?? [])
  return better === undefined ? { kind: 'ours', sink } : foreign(sink.sid, `the Sink ${better.key}`)
}

/** In one order, however Twilio lists them: a message that changes is a write. */
export const sidsOf = (sinks: readonly MarkedSink[]): string[] => sinks.map(({ sink }) => sink.sid).sort()

const foreign = (sid: string, holder: string): Target => ({
  kind: 'foreign',
  conflict: { reason: 'OwnershipConflict', sid, holder },
})

const markText = ({ installation, object, number }: Mark): string =>
  `[k8s:${installation}/${object}/${number}]`
