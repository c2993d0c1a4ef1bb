import type { Effect, Outcome } from '../../sink/decision.ts'
import { TwilioFailure } from '../../external/failure.ts'
import { adoptSink, rewriteMark, updateDescription } from './update-description.ts'
import type { SeenAttempt } from '../memory/attempt-log.ts'
import { createSink } from './create-sink.ts'
import { deleteSink } from './delete-sink.ts'
import { removeFinalizerPatch, addFinalizerPatch } from '../metadata-patch.ts'
import type { Observed } from '../observe/observe-sink.ts'
import { sendTest, validate } from './probe-sink.ts'
import { confirmAbsence } from './confirm-absence.ts'
import { KubernetesFailure, type JsonPatchOperation } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'

/**
 * The one effect of a reconcile. Rejects only with an unexpected error; a failure at Twilio and a stale view are
 * outcomes. Effects on one external sink are serialised, also between the reconciles of different objects.
 */
export async function act(s: ReconcileContext, observed: Observed, effect: Effect): Promise<Outcome> {
  try {
    return await perform(s, observed, effect)
  } catch (error) {
    if (error instanceof TwilioFailure) return { kind: 'failed', failure: error }
    const isStale =
      error instanceof KubernetesFailure && (error.kind === 'conflict' || error.kind === 'not-found')
    if (isStale) return stale(s, observed)
    throw error
  }
}

function perform(s: ReconcileContext, observed: Observed, effect: Effect): Promise<Outcome> {
  switch (effect.kind) {
    case 'none':
      return Promise.resolve({ kind: 'none' })
    case 'record':
      return s.serialise(effect.sink.sid, () => adoptSink(s, observed, effect.sink))
    case 'write-finalizer':
      return writeFinalizer(s, observed, effect)
    case 'remove-finalizer':
      return removeFinalizer(s, observed, effect)
    case 'confirm-absence':
      return confirmAbsence(s, observed, effect)
    case 'create':
      return createSink(s, observed, effect.number)
    case 'rewrite-mark':
      return s.serialise(effect.sink.sid, () => rewriteMark(s, observed, effect))
    case 'update-description':
      return s.serialise(effect.sink.sid, () => updateDescription(s, observed, effect))
    case 'delete':
      return s.serialise(effect.sink.sid, () => deleteSink(s, observed, effect.sink.sid))
    case 'send-test':
      return sendTest(s, observed, effect.sid)
    case 'validate':
      return validate(s, observed, effect)
  }
}

async function writeFinalizer(
  s: ReconcileContext,
  { sink, observation }: Observed,
  { attempt }: Extract<Effect, { kind: 'write-finalizer' }>,
): Promise<Outcome> {
  const journal = attempt && {
    uid: sink.metadata.uid,
    attempt: attempt.number,
    accountSid: attempt.accountSid,
    key: attempt.key,
    times: attempt.times,
  }
  await patch(s, observation.object.key, addFinalizerPatch(sink.metadata, journal))
  return { kind: 'done' }
}

async function removeFinalizer(
  s: ReconcileContext,
  { sink, observation }: Observed,
  { because }: Extract<Effect, { kind: 'remove-finalizer' }>,
): Promise<Outcome> {
  const { key } = observation.object
  // The watch may show that the object is gone before the answer to the patch comes.
  if (because === 'sink-gone') s.names.confirmedGone(key)
  const known = s.attempts.open(key, 0)
  try {
    await patch(s, key, removeFinalizerPatch(sink.metadata))
  } catch (error) {
    s.names.notGone(key)
    throw error
  }
  if (because === 'sink-gone') endAttempts(s, key, known)
  return { kind: 'done' }
}

/** Not those of an object that has come under the name meanwhile. */
function endAttempts({ attempts }: ReconcileContext, key: string, known: readonly SeenAttempt[]): void {
  const open = attempts.open(key, 0)
  for (const { number, uid } of known)
    if (open.some((one) => one.number === number && one.uid === uid)) attempts.ended(key, number)
}

const patch = (s: ReconcileContext, key: string, operations: readonly JsonPatchOperation[]) =>
  s.sinks.patch(key, operations)

/** Decided on a stale view: the next reconcile sees a live one. */
async function stale(s: ReconcileContext, { observation }: Observed): Promise<Outcome> {
  await s.sinks.read(observation.object.key)
  return { kind: 'stale' }
}
