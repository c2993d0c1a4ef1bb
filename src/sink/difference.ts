import type { DesiredSink } from './desired-sink.ts'
import type { ExternalSink, Fingerprint } from './external-sink.ts'

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
