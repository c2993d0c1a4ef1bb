import type { SinkStatus } from '../../api/sink.ts'
import { cut } from '../../api/status-length.ts'
import type { Effect, Outcome } from '../decision.ts'
import type { Observation } from '../observation.ts'

/** The answers to what people asked for by annotation. */
export function withAnswers(
  o: Observation,
  effect: Effect,
  outcome: Outcome,
  status: SinkStatus,
): SinkStatus {
  return withTest(effect, outcome, withValidation(effect, outcome, withReconcile(o, status)))
}

function withReconcile({ requests }: Observation, status: SinkStatus): SinkStatus {
  if (requests.reconcile === undefined || !requests.freshlyRead) return status
  return { ...status, lastHandledReconcileAt: cut(requests.reconcile, 'lastHandledReconcileAt') }
}

function withTest(effect: Effect, outcome: Outcome, status: SinkStatus): SinkStatus {
  if (effect.kind !== 'send-test' || outcome.kind !== 'tested') return status
  const requestedAt = cut(effect.requestedAt, 'requestedAt')
  return { ...status, lastTest: { requestedAt, result: cut(outcome.result, 'result') } }
}

function withValidation(effect: Effect, outcome: Outcome, status: SinkStatus): SinkStatus {
  if (effect.kind !== 'validate' || outcome.kind !== 'validated') return status
  return {
    ...status,
    lastValidation: { testId: cut(effect.testId, 'testId'), result: cut(outcome.result, 'result') },
  }
}

/** The end of an attempt that made no sink, and what Twilio rewrites of one that did. */
export function withAttempt(o: Observation, outcome: Outcome, status: SinkStatus): SinkStatus {
  if (outcome.kind === 'created') {
    const createAttempt = Math.max(outcome.attempt, status.createAttempt ?? 0)
    const rewritten = outcome.rewritten.map((member) => cut(member, 'notComparable'))
    return { ...status, createAttempt, ...(rewritten.length === 0 ? {} : { notComparable: rewritten }) }
  }
  return endedAttempt(status, o.refusal?.attempt)
}

/** The journal's end stands in the status: this attempt can make no sink any more. */
export function endedAttempt(status: SinkStatus, attempt: number | undefined): SinkStatus {
  if (attempt === undefined || attempt <= (status.createAttempt ?? 0)) return status
  return { ...status, createAttempt: attempt }
}
