import { TwilioFailure } from '../../external/failure.ts'
import type { ObservedObject } from '../../sink/observation.ts'
import type { Outcome } from '../../sink/decision.ts'
import { readable } from '../memory/account-of-sink.ts'
import { holdsChanges } from '../memory/account-registry.ts'
import { recheckAndChange } from './recheck.ts'
import { remembersUse } from '../memory/reconcile-memory.ts'
import type { Observed } from '../observe/observe-sink.ts'
import { wantList } from './confirm-absence.ts'
import type { ReconcileContext } from '../context.ts'

/**
 * Deletes the external sink of an object that is being deleted, after a recheck of the sink, the object and the CRD:
 * `deletionPolicy: Orphan` may have been set just now.
 */
export async function deleteSink(s: ReconcileContext, observed: Observed, sid: string): Promise<Outcome> {
  const { entry, connection, observation } = observed
  if (entry === undefined || connection === undefined) return { kind: 'stale' }
  return recheckAndChange(s, observed, { sid }, async ({ change, notAfter }) => {
    if (!(await isStillToBeDeleted(s, observation.object))) return { kind: 'stale' }
    const wait = await untilCrdStays(s, () => waitingForDiscoverySince(s, observation.object))
    if (wait === undefined) return { kind: 'stale' }
    if (wait > 0) return { kind: 'postponed', ms: wait }
    if (entry.connection !== connection || holdsChanges(entry)) return { kind: 'stale' }
    try {
      await change.deleteSink(sid, notAfter)
    } catch (error) {
      return failed(s, observed, sid, error)
    }
    const answer = { answeredAt: s.clock.monotonic(), byOwnDelete: true }
    s.registry.recordAbsent(entry, connection.key, sid, answer)
    wantList(s, entry, s.clock.monotonic())
    return { kind: 'done' }
  })
}

async function isStillToBeDeleted(
  { sinks }: ReconcileContext,
  { key, uid }: ObservedObject,
): Promise<boolean> {
  const live = readable(await sinks.read(key))
  if (live?.metadata.uid !== uid || live.metadata.deletionTimestamp === undefined) return false
  return live.spec.deletionPolicy !== 'Orphan' && live.spec.suspend !== true
}

/** Counted from when this process first came so far: the clock of the API server may be another. */
function waitingForDiscoverySince({ clock, memory }: ReconcileContext, { key, uid }: ObservedObject): number {
  const known = memory.waitingForDiscovery.get(key)
  const since = known?.uid === uid ? known.since : clock.monotonic()
  memory.waitingForDiscovery.set(key, { uid, since })
  return since
}

function failed(s: ReconcileContext, observed: Observed, sid: string, error: unknown): Outcome {
  const { entry, observation, connection } = observed
  if (!(error instanceof TwilioFailure) || entry === undefined || connection === undefined) throw error
  const now = s.clock.monotonic()
  if (error.kind === 'in-use') {
    remembersUse(s.memory, sid, now + observation.intervals.settlingPoll, now)
    // Which subscription it is, the snapshot does not know yet.
    wantList(s, entry, now)
    return { kind: 'stale' }
  }
  if (error.kind !== 'not-found') throw error
  const { key: through } = connection
  s.registry.recordAbsent(entry, through, sid, { answeredAt: now, byOwnDelete: false })
  return { kind: 'stale' }
}

/** By discovery a terminating kind shows with a delay: so long after a deletion was first seen it is trusted. */
const DISCOVERY_LAG = 10_000

/**
 * Taking the CRD away never takes sinks away. Milliseconds until it is known to stay, 0 when it is; undefined when it is
 * being deleted. `firstSeen`: monotonic, when this process first saw that the object leaves.
 */
export async function untilCrdStays(
  { cluster, clock }: ReconcileContext,
  firstSeen: () => number,
): Promise<number | undefined> {
  const { deleting, source } = await cluster.sinkCrd()
  if (deleting) return undefined
  return source === 'crd' ? 0 : Math.max(0, firstSeen() + DISCOVERY_LAG - clock.monotonic())
}
