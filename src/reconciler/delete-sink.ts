import { TwilioFailure } from '../sink/failure.ts'
import type { ObservedObject } from '../sink/observation.ts'
import type { Outcome } from '../sink/outcome.ts'
import { readable } from './account-of-sink.ts'
import { holdsChanges } from './account-entry.ts'
import { lookBefore } from './look-before.ts'
import { remembersUse } from './pass-memory.ts'
import type { Observed } from './observe-sink.ts'
import { wantList } from './prove.ts'
import type { Surroundings } from './surroundings.ts'

/** By discovery a terminating kind shows with a delay: so long after a deletion was first seen it is believed. */
const DISCOVERY_LAG = 10_000

/**
 * Deletes the external sink of an object that is being deleted, after a last look at the sink, the object and the
 * definition: taking the CRD away never takes sinks away, and `deletionPolicy: Orphan` may have been set just now.
 */
export async function deleteSink(s: Surroundings, observed: Observed, sid: string): Promise<Outcome> {
  const { entry, connection, observation } = observed
  if (entry === undefined || connection === undefined) return { kind: 'stale' }
  const { key } = observation.object
  if ((await lookBefore(s, observed, sid)) === undefined) return { kind: 'stale' }
  const live = readable(await s.sinks.read(key))
  if (live?.metadata.uid !== observation.object.uid || live.metadata.deletionTimestamp === undefined)
    return { kind: 'stale' }
  if (live.spec.deletionPolicy === 'Orphan' || live.spec.suspend === true) return { kind: 'stale' }
  const { deleting, judgedBy } = await s.cluster.sinkDefinition()
  if (deleting) return { kind: 'stale' }
  const wait = judgedBy === 'discovery' ? untilBelieved(s, observation.object) : 0
  if (wait > 0) return { kind: 'postponed', ms: wait }
  if (holdsChanges(entry)) return { kind: 'stale' }
  try {
    await connection.api.writes.deleteSink(sid)
  } catch (error) {
    return failed(s, observed, sid, error)
  }
  const answer = { answeredAt: s.clock.monotonic(), byOwnDelete: true }
  s.directory.missed(entry, connection.credential.username, sid, answer)
  wantList(s, entry, s.clock.monotonic())
  return { kind: 'done' }
}

/** Counted from when this process first came so far: the clock of the API server may be another. */
function untilBelieved({ clock, memory }: Surroundings, { key, uid }: ObservedObject): number {
  const now = clock.monotonic()
  const known = memory.condemned.get(key)
  const since = known?.uid === uid ? known.since : now
  memory.condemned.set(key, { uid, since })
  return since + DISCOVERY_LAG - now
}

function failed(s: Surroundings, observed: Observed, sid: string, error: unknown): Outcome {
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
  const { username } = connection.credential
  s.directory.missed(entry, username, sid, { answeredAt: now, byOwnDelete: false })
  return { kind: 'stale' }
}
