import type { Effect, Outcome } from '../../sink/decision.ts'
import { TwilioFailure } from '../../external/failure.ts'
import { readMark } from '../../external/ownership-mark.ts'
import { recordCorrection } from '../memory/object-memory.ts'
import type { ReconcileContext } from '../context.ts'
import type { Rechecked } from './recheck.ts'

/** Puts back what the description should be: an edit of the spec, or a drift at Twilio. */
export async function updateDescription(
  s: ReconcileContext,
  { observed, entry, connection, change, notAfter }: Rechecked,
  { sink, description }: Extract<Effect, { kind: 'update-description' }>,
): Promise<Outcome> {
  const { object, desired } = observed.observation
  const updated = await change.updateDescription(sink.sid, description, notAfter)
  const now = s.clock.monotonic()
  s.registry.recordSeen(entry, connection.key, updated, now)
  recordCorrection(s.names.memoryOf(object), desired.description, now)
  return { kind: 'updated', sink: updated }
}

/** Takes a sink over whose object is gone, or whose cluster is: its mark becomes ours before anything is recorded. */
export async function rewriteMark(
  s: ReconcileContext,
  { observed, entry, connection, change, notAfter }: Rechecked,
  { sink, description }: Extract<Effect, { kind: 'rewrite-mark' }>,
): Promise<Outcome> {
  const { installation } = observed.observation.owner
  const updated = await change.updateDescription(sink.sid, description, notAfter)
  s.registry.recordSeen(entry, connection.key, updated, s.clock.monotonic())
  if (readMark(updated.description).mark?.installation === installation) return { kind: 'done' }
  // Without this the next reconcile would take it over again at once, without end.
  throw new TwilioFailure({ kind: 'conflict', message: 'Twilio did not keep the new mark' })
}
