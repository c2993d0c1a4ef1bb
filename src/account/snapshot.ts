import { isDeepStrictEqual } from 'node:util'
import type { ExternalSink } from '../external/external-sink.ts'
import type { KeyDigest } from '../external/key-digest.ts'
import { readMark, type Mark, type Owner, sameOwner } from '../external/ownership-mark.ts'

/**
 * What one key has shown of one account: the last complete LISTs, and what was written or looked at since, also through
 * another key of the account. Immutable; all times are monotonic milliseconds.
 */
export interface Snapshot {
  readonly accountSid: string
  /** A snapshot belongs to the key that read it. */
  readonly key: KeyDigest
  readonly sinks: ReadonlyMap<string, SeenSink>
  /** The last complete LISTs, newest first, two at most. */
  readonly lists: readonly CompleteList[]
  /** By SID, when our own write or look at it ended: a LIST that began before says nothing about it. */
  readonly touched: ReadonlyMap<string, number>
  /** By SID, Twilio's own 404, or the 204 to our own DELETE. */
  readonly absences: ReadonlyMap<string, Absence>
  /** By SID of the sink, SIDs of the subscriptions that use it; undefined when the key may not read them. */
  readonly subscriptions: ReadonlyMap<string, readonly string[]> | undefined
}

export interface SeenSink {
  readonly sink: ExternalSink
  readonly mark: Mark | undefined
  /** The snapshot's own key has shown it. What only another key has shown says nothing about this one. */
  readonly throughKey: boolean
}

export interface CompleteList {
  readonly beganAt: number
  readonly pages: number
}

export interface Absence {
  readonly answeredAt: number
  readonly byOwnDelete: boolean
}

/** How long a 404 stays useful without a LIST that follows; milliseconds. */
const ABSENCE_KEPT = 3_600_000

const seen = (sink: ExternalSink, throughKey: boolean): SeenSink => ({
  sink,
  mark: readMark(sink.description).mark,
  throughKey,
})

export function emptySnapshot(accountSid: string, key: KeyDigest): Snapshot {
  const none = new Map<string, never>()
  return { accountSid, key, sinks: none, lists: [], touched: none, absences: none, subscriptions: undefined }
}

/** Takes in a complete LIST; what was touched after it began stays as it is. */
export function withList(
  before: Snapshot,
  listed: readonly ExternalSink[],
  list: CompleteList,
  subscriptions: Snapshot['subscriptions'],
): Snapshot {
  const later = new Map([...before.touched].filter(([, endedAt]) => endedAt >= list.beganAt))
  const shown = new Map(listed.map((sink) => [sink.sid, seen(sink, true)]))
  const sinks = new Map([...shown].filter(([sid]) => !later.has(sid)))
  for (const sid of later.keys()) {
    const kept = before.sinks.get(sid)
    if (kept !== undefined) sinks.set(sid, { ...kept, throughKey: kept.throughKey || shown.has(sid) })
  }
  const absences = new Map(
    [...before.absences].filter(
      ([sid, { answeredAt }]) => !sinks.has(sid) && list.beganAt - answeredAt < ABSENCE_KEPT,
    ),
  )
  return {
    ...before,
    sinks,
    touched: later,
    absences,
    subscriptions,
    lists: [list, ...before.lists].slice(0, 2),
  }
}

/** The snapshot's own key has shown the sink. */
export const showsItself = ({ sinks }: Snapshot, sid: string): boolean => sinks.get(sid)?.throughKey === true

/** The answer to a GET or to a write of ours, through the key `through`. */
export function withSink(
  before: Snapshot,
  sink: ExternalSink,
  { through, at }: { readonly through: KeyDigest; readonly at: number },
): Snapshot {
  const absences = new Map(before.absences)
  absences.delete(sink.sid)
  const throughKey = through === before.key || before.sinks.get(sink.sid)?.throughKey === true
  const sinks = new Map(before.sinks).set(sink.sid, seen(sink, throughKey))
  return { ...before, sinks, absences, touched: new Map(before.touched).set(sink.sid, at) }
}

/** Twilio's own 404, or the 204 to our DELETE; the first such answer counts, a DELETE more than a 404. */
export function withoutSink(before: Snapshot, sid: string, absence: Absence): Snapshot {
  const sinks = new Map(before.sinks)
  sinks.delete(sid)
  const known = before.absences.get(sid)
  const kept = known !== undefined && (known.byOwnDelete || !absence.byOwnDelete) ? known : absence
  return {
    ...before,
    sinks,
    absences: new Map(before.absences).set(sid, kept),
    touched: new Map(before.touched).set(sid, absence.answeredAt),
  }
}

/** The sinks that carry this owner's mark. */
export function markedBy({ sinks }: Snapshot, owner: Owner): { sink: ExternalSink; mark: Mark }[] {
  const found: { sink: ExternalSink; mark: Mark }[] = []
  for (const { sink, mark } of sinks.values()) {
    if (mark !== undefined && sameOwner(mark, owner)) found.push({ sink, mark })
  }
  return found
}

/** What is different between two snapshots of an account: whose Sinks need a reconcile. */
export interface SnapshotChange {
  readonly sids: ReadonlySet<string>
  /** The object part of the marks of the sinks that changed. */
  readonly objects: ReadonlySet<string>
}

export function changeBetween(before: Snapshot | undefined, after: Snapshot): SnapshotChange {
  const sids = new Set<string>()
  const objects = new Set<string>()
  const known = before?.sinks ?? new Map<string, SeenSink>()
  for (const sid of new Set([...known.keys(), ...after.sinks.keys()])) {
    const pair = [known.get(sid), after.sinks.get(sid)]
    if (isDeepStrictEqual(pair[0]?.sink, pair[1]?.sink) && sameUse(sid, before, after)) continue
    sids.add(sid)
    for (const one of pair) if (one?.mark !== undefined) objects.add(one.mark.object)
  }
  return { sids, objects }
}

function sameUse(sid: string, before: Snapshot | undefined, after: Snapshot): boolean {
  if ((before?.subscriptions === undefined) !== (after.subscriptions === undefined)) return false
  return isDeepStrictEqual(before?.subscriptions?.get(sid) ?? [], after.subscriptions?.get(sid) ?? [])
}
