import type { Effect, Outcome } from '../../sink/decision.ts'
import { TwilioFailure } from '../../external/failure.ts'
import type { AttemptLog, SeenAttempt } from '../memory/attempt-log.ts'
import { removeFinalizerPatch, addFinalizerPatch } from '../metadata-patch.ts'
import type { Observed } from '../observe/observe-sink.ts'
import { KubernetesFailure } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'
import { confirmAbsence } from './confirm-absence.ts'
import { createSink } from './create-sink.ts'
import { deleteSink } from './delete-sink.ts'
import { sendTest, validate } from './probe-sink.ts'
import { recheckAndChange, type Acted, type Decided, type Rechecked, type SinkEffect } from './recheck.ts'
import { readMark } from '../../external/ownership-mark.ts'
import { recordCorrection } from '../memory/object-memory.ts'
import { noteConflict } from '../observe/contests.ts'
import { isRefusal, logRefusal, whyRefused } from './refused-write.ts'

/**
 * The one effect of a reconcile. Rejects only with an unexpected error; a failure at Twilio and a stale view are
 * outcomes. Effects on one external sink are serialised, also between the reconciles of different objects.
 */
export async function act(s: ReconcileContext, decided: Decided): Promise<Acted> {
  try {
    return await perform(s, decided)
  } catch (error) {
    if (error instanceof TwilioFailure) return { ...decided, outcome: { kind: 'failed', failure: error } }
    if (error instanceof KubernetesFailure) return { ...decided, outcome: notWritten(s, decided, error) }
    throw error
  }
}

function notWritten(s: ReconcileContext, { observed }: Decided, failure: KubernetesFailure): Outcome {
  const { key } = observed.observation.object
  // Decided on a stale view: the next reconcile sees a live one.
  if (failure.kind === 'conflict' || failure.kind === 'not-found') {
    noteConflict(s, 'Sink', key)
    return { kind: 'stale' }
  }
  const unwritable = { kind: 'Sink', cached: { readable: true, key, object: observed.sink } } as const
  if (!isRefusal(s, unwritable, failure)) throw failure
  logRefusal(s, unwritable, failure)
  return { kind: 'refused', why: whyRefused(unwritable, failure) }
}

async function perform(s: ReconcileContext, decided: Decided): Promise<Acted> {
  const { effect } = decided.decision
  if (effect.kind === 'create') return createSink(s, decided)
  if (!('sink' in effect)) return { ...decided, outcome: await performOnce(s, decided.observed, effect) }
  const { sid } = effect.sink
  return s.serialise(sid, () => recheckAndChange(s, decided, sid, (rechecked) => change(s, rechecked)))
}

/** What changes no sink at Twilio; a test event may be sent twice. */
function performOnce(
  s: ReconcileContext,
  observed: Observed,
  effect: Exclude<Effect, { kind: 'create' } | SinkEffect>,
): Promise<Outcome> {
  switch (effect.kind) {
    case 'none':
      return Promise.resolve({ kind: 'none' })
    case 'write-finalizer':
      return writeFinalizer(s, observed, effect)
    case 'remove-finalizer':
      return removeFinalizer(s, observed, effect)
    case 'confirm-absence':
      return confirmAbsence(s, observed, effect)
    case 'send-test':
      return sendTest(s, observed, effect.sid)
    case 'validate':
      return validate(s, observed, effect)
  }
}

/** By what was decided last, on the sink as it was just seen. */
async function change(s: ReconcileContext, rechecked: Rechecked): Promise<Outcome> {
  const { effect } = rechecked
  switch (effect.kind) {
    case 'record':
      // The status is written with the report, as the sink was just seen.
      return { kind: 'done' }
    case 'rewrite-mark':
      return rewriteMark(s, rechecked, effect)
    case 'update-description':
      return updateDescription(s, rechecked, effect)
    case 'delete':
      return deleteSink(s, rechecked, effect.sink.sid)
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
  await s.sinks.patch(observation.object.key, addFinalizerPatch(sink.metadata, journal))
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
  const { attempts } = s.names.of(key)
  const known = attempts.open(0)
  try {
    await s.sinks.patch(key, removeFinalizerPatch(sink.metadata))
  } catch (error) {
    s.names.notGone(key)
    throw error
  }
  if (because === 'sink-gone') endAttempts(attempts, known)
  return { kind: 'done' }
}

/** Not those of an object that has come under the name meanwhile. */
function endAttempts(attempts: AttemptLog, known: readonly SeenAttempt[]): void {
  const open = attempts.open(0)
  for (const { number, uid } of known)
    if (open.some((one) => one.number === number && one.uid === uid)) attempts.ended(number)
}

/** Puts back what the description should be: an edit of the spec, or a drift at Twilio. */
async function updateDescription(
  s: ReconcileContext,
  { observed, entry, connection, change, notAfter }: Rechecked,
  { sink, description }: Extract<Effect, { kind: 'update-description' }>,
): Promise<Outcome> {
  const { object, desired } = observed.observation
  return unlessRefused(s, observed, async () => {
    const updated = await change.updateDescription(sink.sid, description, notAfter)
    const now = s.clock.monotonic()
    s.registry.recordSeen(entry, connection.key, updated, now)
    recordCorrection(s.names.memoryOf(object), desired.description, now)
    return { kind: 'updated', sink: updated }
  })
}

/** As with a create, what Twilio refuses for good is remembered, and the next reconcile says so. */
async function unlessRefused(
  s: ReconcileContext,
  { observation: { object, desired } }: Observed,
  update: () => Promise<Outcome>,
): Promise<Outcome> {
  const memory = s.names.memoryOf(object)
  memory.override = false
  try {
    return await update()
  } catch (error) {
    if (!(error instanceof TwilioFailure) || error.kind !== 'refused') throw error
    const { generation } = object
    const sent = { generation, sent: desired.description, at: s.clock.monotonic() }
    memory.updateRefusal = { ...sent, reason: 'UpdateRefused', failure: error }
    return { kind: 'stale' }
  }
}

/** Takes a sink over whose object is gone, or whose cluster is: its mark becomes ours before anything is recorded. */
async function rewriteMark(
  s: ReconcileContext,
  { observed, entry, connection, change, notAfter }: Rechecked,
  { sink, description }: Extract<Effect, { kind: 'rewrite-mark' }>,
): Promise<Outcome> {
  const { installation } = observed.observation.owner
  return unlessRefused(s, observed, async () => {
    const updated = await change.updateDescription(sink.sid, description, notAfter)
    s.registry.recordSeen(entry, connection.key, updated, s.clock.monotonic())
    if (readMark(updated.description).mark?.installation === installation) return { kind: 'done' }
    // Without this the next reconcile would take it over again at once, without end.
    throw new TwilioFailure({ kind: 'conflict', message: 'Twilio did not keep the new mark' })
  })
}
