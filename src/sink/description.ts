import type { ExternalSink } from './external-sink.ts'
import type { Observation } from './observation.ts'
import { markedDescription, readMark, sameOwner } from './ownership-mark.ts'

/**
 * The description that Twilio should hold for a sink that is ours. A mark of our own keeps its number; a mark lost by
 * hand is put back with the number of the last recorded attempt, so that it never looks like the mark of a later
 * attempt. An imported sink without mark stays without one: importing changes nothing at Twilio.
 */
export function wantedDescription({ object, owner, desired }: Observation, sink: ExternalSink): string {
  const { mark } = readMark(sink.description)
  if (mark !== undefined && sameOwner(mark, owner)) return markedDescription(desired.description, mark)
  if (object.importSid !== undefined) return desired.description
  return markedDescription(desired.description, {
    ...owner,
    number: Math.max(object.status.createAttempt ?? 0, 1),
  })
}
