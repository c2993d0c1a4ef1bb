import type { DesiredSink } from './desired-sink.ts'
import type { ExternalSink, Fingerprint } from '../external/external-sink.ts'
import type { Observation } from './observation.ts'
import { readMark, markedDescription, sameOwner } from '../external/ownership-mark.ts'

/** What differs and cannot be changed at Twilio; names of members, never values. */
export interface Difference {
  /** `type`, or members of the configuration in Twilio's snake_case. */
  readonly members: readonly string[]
  /** Whether one of the values that differ comes from a Secret. */
  readonly fromSecret: boolean
}

/**
 * Only members that we know and Twilio shows are compared: a masked value, an unknown key, a Secret that is missing or
 * a member that Twilio rewrites (`notComparable`) is no difference. Returns undefined when type and configuration agree.
 */
export function differenceOf(
  desired: DesiredSink,
  external: ExternalSink,
  notComparable: readonly string[],
): Difference | undefined {
  if (desired.sinkType !== external.sinkType) return { members: ['type'], fromSecret: false }
  const members = Object.entries(desired.configuration)
    .filter(
      ([member, wanted]) =>
        !notComparable.includes(member) && differs(wanted, external.configuration[member]),
    )
    .map(([member]) => member)
  if (members.length === 0) return undefined
  return { members, fromSecret: members.some((member) => desired.fromSecret.includes(member)) }
}

/** Members that Twilio's answer to our own create shows otherwise than they were sent. */
export function rewrittenMembers(desired: DesiredSink, answer: ExternalSink): string[] {
  return Object.entries(desired.configuration)
    .filter(([member, sent]) => sent !== (answer.configuration[member] ?? null))
    .map(([member]) => member)
    .sort()
}

function differs(wanted: Fingerprint, shown: Fingerprint | undefined): boolean {
  return wanted !== null && shown !== null && shown !== undefined && wanted !== shown
}

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
