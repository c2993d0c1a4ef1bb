import type { SinkStatus, Sink } from '../../api/sink.ts'
import { partialSink } from '../memory/account-of-sink.ts'
import { noteConflict } from '../observe/contests.ts'
import { preconditions } from '../metadata-patch.ts'
import { KubernetesFailure, type ObjectKey } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'

/** `stale`: somebody else has written in between; the next reconcile decides anew. `gone`: there is no such object. */
export type Written = 'written' | 'stale' | 'gone'

/** One patch of `/status`, tied to the object and the version that the report was made from. */
export async function writeStatus(
  s: ReconcileContext,
  sink: Sink,
  key: ObjectKey,
  status: SinkStatus,
): Promise<Written> {
  try {
    const value = status
    const cached = await s.sinks.patchStatus(key, [
      ...preconditions(sink.metadata),
      { op: 'add', path: '/status', value },
    ])
    s.observer.statusWritten('written')
    if (status.sid !== undefined && partialSink(cached)?.status.sid !== status.sid)
      reportPruned(s, key, status.sid)
    return 'written'
  } catch (error) {
    if (!(error instanceof KubernetesFailure)) throw error
    if (error.kind === 'not-found') return 'gone'
    if (error.kind !== 'conflict') throw error
    s.observer.statusWritten('conflict')
    noteConflict(s, 'Sink', key)
    return 'stale'
  }
}

/**
 * The CRD in the cluster is older than this binary: what was stored does not hold the SID. The sink is found by its mark.
 */
function reportPruned(s: ReconcileContext, key: ObjectKey, sid: string): void {
  s.crds.fieldDropped('sink.status.sid')
  s.observer.log(
    'error',
    { sink: key, sid },
    'The API server dropped status.sid: install the CRDs of this version',
  )
}
