import type { Decision, Outcome } from '../../../src/sink/decision.ts'
import type { FailureKind } from '../../../src/external/failure.ts'
import { observedSink, sid } from './observations.ts'

const KINDS: readonly FailureKind[] = [
  'not-sent',
  'rate-limited',
  'unauthorized',
  'forbidden',
  'not-found',
  'in-use',
  'quota',
  'refused',
  'conflict',
  'transient',
]

export const failed = (
  kind: FailureKind,
  by: Partial<Extract<Outcome, { kind: 'failed' }>> = {},
): Outcome => ({
  kind: 'failed',
  failure: { kind, code: 20001, message: 'Not so. ', moreInfo: 'https://www.twilio.com/docs/errors/20001' },
  ...by,
})

const NONE: Outcome = { kind: 'none' }
/** By what the API server takes from the operator before anything happens at Twilio. */
export const REFUSED: Outcome = { kind: 'refused', why: '422: admission webhook "labels" denied the request' }
const ENDED_OTHERWISE: readonly Outcome[] = [{ kind: 'stale' }, { kind: 'postponed', ms: 1000 }]

/** Every way in which an effect can end. */
export function outcomesOf({ effect }: Decision): readonly Outcome[] {
  switch (effect.kind) {
    case 'none':
      return [NONE]
    case 'confirm-absence':
      return [NONE, ...ENDED_OTHERWISE, ...KINDS.map((kind) => failed(kind))]
    case 'write-finalizer':
    case 'remove-finalizer':
      return [{ kind: 'done' }, REFUSED, ...ENDED_OTHERWISE]
    case 'record':
      return [{ kind: 'done' }, ...ENDED_OTHERWISE]
    case 'create': {
      const sink = observedSink({ sid: sid('9'), status: 'initialized' })
      const created = { kind: 'created', sink, attempt: effect.number } as const
      const ended = KINDS.map((kind) => failed(kind, { endedAttempt: effect.number }))
      return [
        { ...created, rewritten: [] },
        { ...created, rewritten: ['destination'] },
        REFUSED,
        ...ENDED_OTHERWISE,
        ...ended,
      ]
    }
    case 'update-description': {
      const sink = { ...effect.sink, description: effect.description }
      return [{ kind: 'updated', sink }, ...ENDED_OTHERWISE, ...KINDS.map((kind) => failed(kind))]
    }
    case 'rewrite-mark':
    case 'delete':
      return [{ kind: 'done' }, ...ENDED_OTHERWISE, ...KINDS.map((kind) => failed(kind))]
    case 'send-test':
      return [{ kind: 'tested', result: 'submitted' }, ...KINDS.map((kind) => failed(kind))]
    case 'validate':
      return [{ kind: 'validated', result: 'valid' }, ...KINDS.map((kind) => failed(kind))]
  }
}
