import { rewrittenMembers } from './difference.ts'
import type { ExternalSink } from './external-sink.ts'
import type { Observation } from './observation.ts'
import { readMark } from './ownership-mark.ts'

/**
 * Members that say nothing when they differ, because Twilio answers them otherwise than they were sent: those on record
 * for this sink; and for one that is not recorded, but was made from these very values, those that differ now.
 */
export function notComparable(o: Observation, sink: ExternalSink): readonly string[] {
  const { status } = o.object
  if (status.sid === sink.sid) return status.notComparable ?? []
  const { mark } = readMark(sink.description)
  // In a cluster that was built again the mark has another installation.
  const made = mark?.object === o.owner.object && mark.number === o.answered
  return made ? rewrittenMembers(o.desired, sink) : []
}
