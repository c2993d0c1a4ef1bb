import type { SinkStatus, Sink } from '../../api/sink.ts'
import { CREATED_TABLE, classifyCreated } from '../../sink/created-table.ts'
import { makeReport, type Report } from '../../sink/report/report.ts'
import type { ReconcileContext } from '../context.ts'
import { readable } from '../memory/account-of-sink.ts'
import { observedObject } from '../observe/observed-object.ts'
import { KubernetesFailure, type CachedObject, type ObjectKey } from '../ports.ts'
import { backoffMs, type Backoff } from '../../time/waiting.ts'
import { observeCreated, type CreatedSink } from './created-sink.ts'
import { deleteCreated } from './delete-created.ts'
import { type Written, writeStatus } from './write-status.ts'

/** How often the record is tried at a stretch; afterwards the sink is adopted by its mark. */
const RECORD_TRIES = 12

const RECORD_PAUSE: Backoff = { firstMs: 50, longestMs: 5_000 }

/**
 * Does with a sink that was just created what the third table says: as a rule it is recorded, on fresh reads until that is
 * stored.
 */
export async function afterCreate(s: ReconcileContext, created: CreatedSink): Promise<Report> {
  const { key } = created.observed.observation.object
  let cached = s.sinks.get(key)
  let report = reportOn(s, created, created.observed.sink)
  for (let tries = 1; tries <= RECORD_TRIES; tries += 1) {
    const sink = readable(cached)
    const effect = CREATED_TABLE[classifyCreated(observeCreated(s, created, cached))]
    if (effect === 'delete-created' || effect === 'wait') return deleteCreated(s, created, report)
    if (effect === 'none' || sink === undefined) return report
    report = reportOn(s, created, sink)
    if (report.status === undefined) return report
    const written = await tryWriting(s, sink, key, report.status)
    if (written === 'written') s.names.of(key).attempts.ended(created.outcome.attempt)
    if (written === 'written' || written === 'refused') return report
    await s.pause(backoffMs(RECORD_PAUSE, tries))
    cached = await freshly(s, key, cached)
  }
  return report
}

/** The sink was made from what the reconcile has seen: a spec that is newer has been sent to nobody yet. */
function reportOn(
  s: ReconcileContext,
  { observed: { observation }, state, decision, outcome }: CreatedSink,
  sink: Sink,
): Report {
  const { key, generation } = observation.object
  const object = { ...observedObject(key, sink, s.clock.now()), generation }
  return makeReport({ ...observation, object }, state, decision, outcome)
}

async function tryWriting(
  s: ReconcileContext,
  sink: Sink,
  key: ObjectKey,
  status: SinkStatus,
): Promise<Written | 'refused' | 'unavailable'> {
  try {
    return await writeStatus(s, sink, key, status)
  } catch (error) {
    if (!(error instanceof KubernetesFailure)) throw error
    // `import.sid` was set meanwhile: the sink stays, and the next reconcile says so.
    return error.kind === 'invalid' ? 'refused' : 'unavailable'
  }
}

async function freshly(
  s: ReconcileContext,
  key: ObjectKey,
  before: CachedObject<Sink> | undefined,
): Promise<CachedObject<Sink> | undefined> {
  try {
    return await s.sinks.read(key)
  } catch {
    return before
  }
}
