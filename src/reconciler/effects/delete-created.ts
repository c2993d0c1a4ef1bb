import { CREATED_TABLE, classifyCreated, type CreatedEffect } from '../../sink/created-table.ts'
import { duplicateDeleted } from '../../sink/report/events.ts'
import type { ExternalSink } from '../../external/external-sink.ts'
import { TwilioFailure } from '../../external/failure.ts'
import type { Report } from '../../sink/report/report.ts'
import type { ReconcileContext } from '../context.ts'
import { observeCreatedLive, type CreatedSink } from './created-sink.ts'
import { sendDelete } from './delete-sink.ts'
import { lookAndChange } from './recheck.ts'
import { repeatChange } from './repeat-change.ts'

/**
 * Deletes what this process has created and no object can record. If it cannot, nobody else does it: the sink stays, and a
 * log line says so.
 */
export async function deleteCreated(
  s: ReconcileContext,
  created: CreatedSink,
  report: Report,
): Promise<Report> {
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
    return lookAndChange(s, { entry, connection }, sink.sid, async (slot) => {
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
