import type { Instruments } from './instruments.ts'
import type { EventReason } from '../sink/report/events.ts'
import type { Report } from '../sink/report/report.ts'

/** What reconciles over Sinks bring about. */
export interface SinkMetrics {
  /** `isNews`: this process sees the trouble for the first time. */
  reconciled(report: CountedReport, seen: { readonly isNews: boolean }): void
  statusWritten(result: StatusWrite): void
}

export type StatusWrite = 'written' | 'skipped' | 'conflict'

type CountedReport = Pick<Report, 'uid' | 'events' | 'trouble' | 'life'>

/** An event happens once per change, so events are what can be counted. */
const CREATE_OUTCOMES: Outcomes = {
  SinkCreated: 'created',
  SinkAdopted: 'adopted',
  CreateOutcomeUnknown: 'unknown',
  Ambiguous: 'ambiguous',
  CreateRefused: 'refused',
  QuotaExceeded: 'refused',
}

const DRIFT: Outcomes = { DescriptionUpdated: 'corrected', UpdateNotSticking: 'not_sticking' }

const WRITES: readonly StatusWrite[] = ['written', 'skipped', 'conflict']

type Outcomes = Readonly<Partial<Record<EventReason, string>>>

export function createSinkMetrics(make: Instruments): SinkMetrics {
  const writes = make.counter(
    'twilio_operator_status_writes_total',
    'Status writes to Sinks; `skipped` means that the status was already up to date.',
    'result',
  )
  const creates = make.counter(
    'twilio_sink_create_outcomes_total',
    'Creates at Twilio, by their result.',
    'outcome',
  )
  const drift = make.counter(
    'twilio_sink_drift_total',
    'Descriptions at Twilio that differed from the Sink, by what the operator did.',
    'action',
  )
  const observeLife = lifeMetrics(make)
  const countTerminal = terminalErrors(make)
  for (const result of WRITES) writes.labels(result).inc(0)
  for (const outcome of Object.values(CREATE_OUTCOMES)) creates.labels(outcome).inc(0)
  for (const action of Object.values(DRIFT)) drift.labels(action).inc(0)
  return {
    statusWritten: (result) => writes.labels(result).inc(),
    reconciled: (report, { isNews }) => {
      for (const { reason } of report.events) {
        const [outcome, action] = [CREATE_OUTCOMES[reason], DRIFT[reason]]
        if (outcome !== undefined) creates.labels(outcome).inc()
        if (action !== undefined) drift.labels(action).inc()
      }
      observeLife(report)
      if (isNews) countTerminal(report)
    },
  }
}

/** So many new Sinks are remembered at most: one that goes before it has a finalizer is never heard of again. */
const MOST_NEW = 10_000

/**
 * A status does not say whether the object has ever been Ready, so that only those count that this process has seen
 * without a recorded sink. After a restart a few count for nothing, and none counts with the time of an outage.
 */
function lifeMetrics(make: Instruments): (report: CountedReport) => void {
  const timeToReady = make.longDurations(
    'twilio_sink_time_to_ready_seconds',
    'Time from the creation of a Sink until it was Ready for the first time.',
  )
  const deletion = make.longDurations(
    'twilio_sink_deletion_seconds',
    'Time from the request to delete a Sink until the operator removed its finalizer.',
  )
  /** By uid, in the order in which they came. */
  const notYetReady = new Set<string>()
  return ({ uid, life: { age, isNew, becomesReady, deletedAfter } }) => {
    if (isNew) notYetReady.add(uid)
    if (becomesReady && notYetReady.delete(uid)) timeToReady.observe(age / 1000)
    if (deletedAfter !== undefined) {
      notYetReady.delete(uid)
      deletion.observe(deletedAfter / 1000)
    }
    const [oldest] = notYetReady
    if (notYetReady.size > MOST_NEW && oldest !== undefined) notYetReady.delete(oldest)
  }
}

/** A deletion that waits is tried again, and has metrics of its own. */
function terminalErrors(make: Instruments): (report: CountedReport) => void {
  const terminal = make.counter(
    'controller_runtime_terminal_reconcile_errors_total',
    'Errors that time alone does not fix: a Sink has become Stalled, or for another reason than before. A new leader counts those that it finds.',
    'controller',
  )
  terminal.labels('sink').inc(0)
  return ({ trouble }) => {
    if (trouble?.stalled === true && trouble.condition !== 'DeletionBlocked') terminal.labels('sink').inc()
  }
}
