import type { Sink } from '../../api/sink.ts'
import type { CreatedObservation } from '../../sink/created-table.ts'
import type { Outcome } from '../../sink/decision.ts'
import type { ReconcileContext } from '../context.ts'
import { holdsChanges } from '../memory/account-registry.ts'
import { journalOf } from '../observe/observed-object.ts'
import { claimsOn } from '../observe/snapshot-facts.ts'
import type { CachedObject } from '../ports.ts'
import { untilCrdStays } from './delete-sink.ts'
import type { Acted } from './recheck.ts'

/** A sink that a reconcile has created, and what the reconcile stood on. */
export interface CreatedSink extends Acted {
  readonly outcome: Extract<Outcome, { kind: 'created' }>
}

/** As memory shows it: enough to record the sink, and not to delete it. */
export function observeCreated(
  s: ReconcileContext,
  { observed: { observation, entry }, outcome: { sink, attempt } }: CreatedSink,
  cached: CachedObject<Sink> | undefined,
): CreatedObservation {
  const { object, owner } = observation
  return {
    ...{ sink, attempt, owner },
    uid: object.uid,
    goneSid: object.status.sid,
    found: foundIn(cached),
    orphan: s.names.of(object.key).underWay?.spec.deletionPolicy === 'Orphan',
    claims: claimsOn(s, sink.sid),
    crdDeleting: false,
    crdKnownIn: 0,
    held: entry?.connection === undefined || holdsChanges(entry),
  }
}

/**
 * As the API server shows it: an absence counts only when it says so itself. Another object may have imported the sink
 * already, and the policy may have been set to Orphan while the create was on its way.
 *
 * @param since monotonic, when it was first seen that no object can record the sink
 */
export async function observeCreatedLive(
  s: ReconcileContext,
  created: CreatedSink,
  since: number,
): Promise<CreatedObservation> {
  const live = await s.sinks.read(created.observed.observation.object.key)
  const crd = await s.cluster.sinkCrd()
  return {
    ...observeCreated(s, created, live),
    crdDeleting: crd.deleting,
    crdKnownIn: untilCrdStays(s, crd, () => since),
  }
}

function foundIn(cached: CachedObject<Sink> | undefined): CreatedObservation['found'] {
  if (cached === undefined) return undefined
  if (!cached.readable) return 'unreadable'
  const { metadata, status } = cached.object
  const journal = journalOf(cached.object)
  const own = journal?.uid === metadata.uid ? journal.attempt : undefined
  return { uid: metadata.uid, sid: status.sid, journal: own }
}
