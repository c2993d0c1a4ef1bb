import type { ExternalSink } from '../../external/external-sink.ts'
import { duplicateDeleted } from '../../sink/report/events.ts'
import { standing } from '../../external/claim.ts'
import { TwilioFailure } from '../../external/failure.ts'
import type { Report } from '../../sink/report/report.ts'
import { holdsChanges } from '../memory/account-registry.ts'
import { changeDeadline } from './recheck.ts'
import { untilCrdStays } from './delete-sink.ts'
import { repeatChange } from './repeat-change.ts'
import type { SinkLook, CachedObject } from '../ports.ts'
import { claimsOn } from '../observe/snapshot-facts.ts'
import type { ReconcileContext } from '../context.ts'
import type { Sink } from '../../api/sink.ts'
import type { Decision, Outcome } from '../../sink/decision.ts'
import type { State } from '../../sink/state.ts'
import { journalOf } from '../observe/observed-object.ts'
import type { Observed } from '../observe/observe-sink.ts'

/** A sink that a reconcile has made, and what the reconcile stood on. */
export interface CreatedSink {
  readonly observed: Observed
  readonly state: State
  readonly decision: Decision
  readonly outcome: Extract<Outcome, { kind: 'created' }>
}

/** Whether the sink can be recorded in what is there now. */
export function recordability(
  { observed, outcome }: CreatedSink,
  cached: CachedObject<Sink> | undefined,
): 'yes' | 'left-alone' | 'unrecordable' {
  const { object } = observed.observation
  if (cached === undefined) return 'unrecordable'
  // An object that cannot be read is there all the same, and finds the sink by the mark once it is fixed.
  if (!cached.readable) return 'left-alone'
  const sink = cached.object
  // Another object under the same name finds it by the mark.
  if (sink.metadata.uid !== object.uid) return 'left-alone'
  const { sid } = sink.status
  if (sid !== undefined && sid !== object.status.sid && sid !== outcome.sink.sid) return 'unrecordable'
  const journal = journalOf(sink)
  return journal !== undefined && journal.uid === object.uid && journal.attempt > outcome.attempt
    ? 'left-alone'
    : 'yes'
}

/**
 * Deletes what this process has made and cannot record, because the object is gone or has another sink. If it cannot,
 * nobody else does it: the sink stays, and a log line says so.
 */
export async function deleteUnrecorded(
  s: ReconcileContext,
  made: CreatedSink,
  report: Report,
): Promise<Report> {
  const { outcome, observed } = made
  const { key } = observed.observation.object
  const fields = { sink: key, sid: outcome.sink.sid }
  const since = s.clock.monotonic()
  try {
    if (!(await repeatChange(() => isDeleted(s, made, since), s.pause))) return report
  } catch {
    s.observer.log('error', fields, 'A sink without an object stays at Twilio: delete it there')
    return report
  }
  s.attempts.ended(key, outcome.attempt)
  s.observer.log(
    'warn',
    fields,
    'Deleted a sink that was created for an object that is gone or has another one',
  )
  return { ...report, events: [...report.events, duplicateDeleted(outcome.sink.sid)] }
}

async function isDeleted(s: ReconcileContext, made: CreatedSink, since: number): Promise<boolean> {
  const { entry } = made.observed
  const { sid } = made.outcome.sink
  const wait = await untilDeletable(s, made, since)
  if (entry === undefined || wait === undefined) return false
  if (wait > 0) await s.pause(wait)
  return s.serialise(sid, async () => {
    const { connection } = entry
    if (connection === undefined) throw notNow('no usable credential')
    return connection.api.writes.withChangeSlot(async (change) => {
      const notAfter = changeDeadline(s)
      await recheckDescription(change, made.outcome.sink)
      // Meanwhile a new object may have come under the name, to which the sink belongs.
      const stillToWait = await untilDeletable(s, made, since)
      if (stillToWait === undefined) return false
      if (stillToWait > 0) throw notNow('it is not known that the CRD of Sinks stays')
      if (entry.connection !== connection) throw notNow('the account has got another credential')
      if (holdsChanges(entry)) throw notNow('the account holds changes')
      await change.deleteSink(sid, notAfter)
      const answer = { answeredAt: s.clock.monotonic(), byOwnDelete: true }
      s.registry.recordAbsent(entry, connection.key, sid, answer)
      return true
    })
  })
}

/**
 * Milliseconds until it may be deleted; undefined: an object may record it, or its object was to leave it. An absence
 * counts only when the API server itself says so. Another object may have imported the sink already, and the policy may
 * have been set to Orphan while the POST was on its way.
 */
async function untilDeletable(
  s: ReconcileContext,
  made: CreatedSink,
  since: number,
): Promise<number | undefined> {
  const { key } = made.observed.observation.object
  const live = await s.sinks.read(key)
  if (s.memory.underWay.get(key)?.spec.deletionPolicy === 'Orphan') return undefined
  const { outcome, observed } = made
  const claims = standing(claimsOn(s, outcome.sink.sid), outcome.sink, {
    owner: observed.observation.owner,
    sid: undefined,
  })
  const isUnrecordable = recordability(made, live) === 'unrecordable' && claims.length === 0
  return isUnrecordable ? untilCrdStays(s, () => since) : undefined
}

/** As before each DELETE: a mark that is no longer the one we wrote ends it. */
async function recheckDescription(look: SinkLook, { sid, description }: ExternalSink): Promise<void> {
  const found = await look.fetchSink(sid)
  if (found.description.trim() === description.trim()) return
  throw new TwilioFailure({ kind: 'conflict', message: 'the sink has got another description' })
}

const notNow = (message: string): TwilioFailure => new TwilioFailure({ kind: 'not-sent', message })
