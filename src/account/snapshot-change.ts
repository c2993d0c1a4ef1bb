import { isDeepStrictEqual } from 'node:util'
import type { SeenSink, Snapshot } from './snapshot.ts'

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
