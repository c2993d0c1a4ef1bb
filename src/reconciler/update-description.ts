import type { Effect } from '../sink/decision.ts'
import { TwilioFailure } from '../sink/failure.ts'
import type { Outcome } from '../sink/outcome.ts'
import { readMark } from '../sink/ownership-mark.ts'
import { lookBefore } from './look-before.ts'
import type { Observed } from './observe-sink.ts'
import { remembersCorrection } from './pass-memory.ts'
import type { Surroundings } from './surroundings.ts'

/** Puts back what the description should be: an edit of the spec, or a drift at Twilio. */
export async function updateDescription(
  s: Surroundings,
  observed: Observed,
  { sink, description }: Extract<Effect, { kind: 'update-description' }>,
): Promise<Outcome> {
  const { entry, observation, connection } = observed
  if (entry === undefined || connection === undefined) return { kind: 'stale' }
  const found = await lookBefore(s, observed, sink.sid)
  // Already so, or no longer ours: the next pass decides on what was just seen.
  if (found === undefined || found.description.trim() === description) return { kind: 'stale' }
  const updated = await connection.api.writes.updateDescription(sink.sid, description)
  const now = s.clock.monotonic()
  s.directory.saw(entry, connection.credential.username, updated, now)
  remembersCorrection(s.memory, observation.object.key, observation.desired.description, now)
  return { kind: 'updated', sink: updated }
}

/** Takes a sink over whose object is gone, or whose cluster is: its mark becomes ours before anything is recorded. */
export async function rewriteMark(
  s: Surroundings,
  observed: Observed,
  { sink, description }: Extract<Effect, { kind: 'rewrite-mark' }>,
): Promise<Outcome> {
  const { entry, connection } = observed
  if (entry === undefined || connection === undefined) return { kind: 'stale' }
  const { mark } = readMark(sink.description)
  if (mark === undefined || (await lookBefore(s, observed, sink.sid, mark)) === undefined)
    return { kind: 'stale' }
  const updated = await connection.api.writes.updateDescription(sink.sid, description)
  s.directory.saw(entry, connection.credential.username, updated, s.clock.monotonic())
  if (readMark(updated.description).mark?.installation === observed.observation.owner.installation)
    return { kind: 'done' }
  // Without this the next pass would take it over again at once, without end.
  throw new TwilioFailure({ kind: 'conflict', message: 'Twilio did not keep the new mark' })
}
