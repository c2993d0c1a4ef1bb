import type { Instruments } from './instruments.ts'
import type { EventReason } from '../sink/report/events.ts'
import type { Report } from '../sink/report/report.ts'

/** What reconciles over Sinks bring about. */
export interface SinkMetrics {
  /** Of a reconcile whose status is written. */
  reconciled(report: Pick<Report, 'events'>): void
  statusWritten(result: StatusWrite): void
}

export type StatusWrite = 'written' | 'skipped' | 'conflict'

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
  for (const result of WRITES) writes.labels(result).inc(0)
  for (const outcome of Object.values(CREATE_OUTCOMES)) creates.labels(outcome).inc(0)
  for (const action of Object.values(DRIFT)) drift.labels(action).inc(0)
  return {
    statusWritten: (result) => writes.labels(result).inc(),
    reconciled: ({ events }) => {
      for (const { reason } of events) {
        const [outcome, action] = [CREATE_OUTCOMES[reason], DRIFT[reason]]
        if (outcome !== undefined) creates.labels(outcome).inc()
        if (action !== undefined) drift.labels(action).inc()
      }
    },
  }
}
