import type { SinkStatus, Sink } from '../../api/sink.ts'
import { CREATED_TABLE, classifyCreated, type CreatedEffect } from '../../sink/created-table.ts'
import { makeReport, type Report } from '../../sink/report/report.ts'
import type { ReconcileContext } from '../context.ts'
import { readable } from '../memory/account-of-sink.ts'
import { observedObject } from '../observe/observed-object.ts'
import { KubernetesFailure, type CachedObject, type ObjectKey } from '../ports.ts'
import { backoffMs, type Backoff } from '../../time/waiting.ts'
import { observeCreated, type CreatedSink, observeCreatedLive } from './created-sink.ts'
import { type Written, writeStatus } from './write-status.ts'
import { duplicateDeleted } from '../../sink/report/events.ts'
import type { ExternalSink } from '../../external/external-sink.ts'
import { TwilioFailure } from '../../external/failure.ts'
import { sendDelete } from './delete-sink.ts'
import { lookAndChange } from './recheck.ts'
import { repeatChange } from './repeat-change.ts'

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

/**
 * Deletes what this process has created and no object can record. If it cannot, nobody else does it: the sink stays, and a
 * log line says so.
 */
async function deleteCreated(s: ReconcileContext, created: CreatedSink, report: Report): Promise<Report> {
  const { sink, attempt } = created.outcome
  const { key } = created.observed.observation.object
  const fields = { sink: key, sid: sink.sid }
  const since = s.clock.monotonic()
  try {
    if (!(await repeatChange(() => isDeleted(s, created, since), s.pause))) return report
  } catch {
    s.observer.log('error', fields, 'A sink without an object stays at Twilio: delete it there')
    return report
  }
  s.names.of(key).attempts.ended(attempt)
  s.observer.log(
    'warn',
    fields,
    'Deleted a sink that was created for an object that is gone or has another one',
  )
  return { ...report, events: [...report.events, duplicateDeleted(sink.sid)] }
}

/** False: it is to stay. */
async function isDeleted(s: ReconcileContext, created: CreatedSink, since: number): Promise<boolean> {
  const { entry } = created.observed
  const { sink } = created.outcome
  const before = await observeCreatedLive(s, created, since)
  if (entry === undefined || !deletes(CREATED_TABLE[classifyCreated(before)])) return false
  if (before.crdKnownIn > 0) await s.pause(before.crdKnownIn)
  return s.serialise(sink.sid, async () => {
    const { connection } = entry
    if (connection === undefined) throw notNow('no usable credential')
    return lookAndChange(s, { entry, connection, lasting: true }, sink.sid, async (slot) => {
      // Meanwhile a new object may have come under the name, to which the sink belongs.
      const effect = CREATED_TABLE[classifyCreated(await observeCreatedLive(s, created, since))]
      if (!deletes(effect)) return false
      if (effect === 'wait') throw notNow('the account holds changes, or the CRD of Sinks may go')
      if (entry.connection !== connection) throw notNow('the account has got another credential')
      assertUntouched(sink, entry.snapshot.sinks.get(sink.sid)?.sink)
      await sendDelete(s, slot, sink.sid)
      return true
    })
  })
}

/** Now, or once it may. */
const deletes = (effect: CreatedEffect): boolean => effect === 'delete-created' || effect === 'wait'

/** A mark that is no longer the one we wrote ends it. */
function assertUntouched({ description }: ExternalSink, found: ExternalSink | undefined): void {
  if (found?.description.trim() === description.trim()) return
  throw new TwilioFailure({ kind: 'conflict', message: 'the sink has got another description, or is gone' })
}

const notNow = (message: string): TwilioFailure => new TwilioFailure({ kind: 'not-sent', message })
