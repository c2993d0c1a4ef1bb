import { isDeepStrictEqual } from 'node:util'
import type { Effect, Outcome } from '../../sink/decision.ts'
import { TwilioFailure } from '../../external/failure.ts'
import { readMark } from '../../external/ownership-mark.ts'
import { recheckAndChange, recheck } from './recheck.ts'
import type { Observed } from '../observe/observe-sink.ts'
import { remembersCorrection } from '../memory/reconcile-memory.ts'
import type { ReconcileContext } from '../context.ts'
import type { ExternalSink } from '../../external/external-sink.ts'

/** Puts back what the description should be: an edit of the spec, or a drift at Twilio. */
export async function updateDescription(
  s: ReconcileContext,
  observed: Observed,
  { sink: { sid }, description }: Extract<Effect, { kind: 'update-description' }>,
): Promise<Outcome> {
  const { entry, observation, connection } = observed
  if (entry === undefined || connection === undefined) return { kind: 'stale' }
  return recheckAndChange(s, observed, { sid }, async ({ found, change, notAfter }) => {
    // Already so: the next reconcile decides on what was just seen.
    if (found.description.trim() === description) return { kind: 'stale' }
    const updated = await change.updateDescription(sid, description, notAfter)
    const now = s.clock.monotonic()
    s.registry.recordSeen(entry, connection.key, updated, now)
    remembersCorrection(s.memory, observation.object.key, observation.desired.description, now)
    return { kind: 'updated', sink: updated }
  })
}

/** Takes a sink over whose object is gone, or whose cluster is: its mark becomes ours before anything is recorded. */
export async function rewriteMark(
  s: ReconcileContext,
  observed: Observed,
  { sink: { sid, description: old }, description }: Extract<Effect, { kind: 'rewrite-mark' }>,
): Promise<Outcome> {
  const { entry, connection, observation } = observed
  const { mark } = readMark(old)
  if (entry === undefined || connection === undefined || mark === undefined) return { kind: 'stale' }
  return recheckAndChange(s, observed, { sid, expected: mark }, async ({ change, notAfter }) => {
    const updated = await change.updateDescription(sid, description, notAfter)
    s.registry.recordSeen(entry, connection.key, updated, s.clock.monotonic())
    if (readMark(updated.description).mark?.installation === observation.owner.installation)
      return { kind: 'done' }
    // Without this the next reconcile would take it over again at once, without end.
    throw new TwilioFailure({ kind: 'conflict', message: 'Twilio did not keep the new mark' })
  })
}

/**
 * Rechecks a sink that is about to be recorded: its mark may have been removed since the LIST, and an import may have
 * got a mark, or be gone.
 */
export async function adoptSink(
  s: ReconcileContext,
  observed: Observed,
  sink: ExternalSink,
): Promise<Outcome> {
  const found = await recheck(s, observed, { sid: sink.sid })
  // What was just seen is not to be recorded as something else: no LIST would show it as a change.
  return isDeepStrictEqual(found, sink) ? { kind: 'done' } : { kind: 'stale' }
}
