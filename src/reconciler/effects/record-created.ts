import type { SinkStatus, Sink } from '../../api/sink.ts'
import { makeReport, type Report } from '../../sink/report/report.ts'
import { readable } from '../memory/account-of-sink.ts'
import { deleteUnrecorded, recordability, type CreatedSink } from './delete-unrecorded.ts'
import { observedObject } from '../observe/observed-object.ts'
import { KubernetesFailure, type CachedObject, type ObjectKey } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'
import { type Written, writeStatus } from './write-status.ts'

/** How often the record is tried at a stretch; afterwards the sink is adopted by its mark. */
const RECORD_TRIES = 12

const RECORD_PAUSE = { first: 50, longest: 5_000 }

/**
 * Stores what a create has made, on fresh reads until it is stored. Only while no later attempt is known and no other
 * SID is recorded than the one confirmed gone before; what no object can record is deleted, by the
 * process that made it and by nobody else.
 */
export async function recordCreated(s: ReconcileContext, made: CreatedSink): Promise<Report> {
  const { key } = made.observed.observation.object
  let cached = s.sinks.get(key)
  let report = reportOn(s, made, readable(cached))
  for (let tries = 0; tries < RECORD_TRIES; tries += 1) {
    const sink = readable(cached)
    const verdict = recordability(made, cached)
    if (verdict === 'unrecordable') return deleteUnrecorded(s, made, report)
    if (verdict === 'left-alone' || sink === undefined) return report
    report = reportOn(s, made, sink)
    if (report.status === undefined) return report
    const written = await tryWriting(s, sink, key, report.status)
    if (written === 'written') {
      s.attempts.ended(key, made.outcome.attempt)
      return report
    }
    if (written === 'refused') return report
    await s.pause(Math.min(RECORD_PAUSE.first * 2 ** tries, RECORD_PAUSE.longest))
    cached = await freshly(s, key, cached)
  }
  return report
}

function reportOn(
  s: ReconcileContext,
  { observed, state, decision, outcome }: CreatedSink,
  sink: Sink | undefined,
): Report {
  const { observation } = observed
  if (sink === undefined) return makeReport(observation, state, decision, outcome)
  const { key, generation } = observation.object
  // The sink was made from what the reconcile has seen: a spec that is newer has been sent to nobody yet.
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
