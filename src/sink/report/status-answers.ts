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
