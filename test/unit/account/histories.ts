import type { AbsenceContext } from '../../../src/account/absence.ts'
import { createLastSeen, type LastSeen } from '../../../src/account/last-seen.ts'
import { emptySnapshot, withList, withoutSink, type Snapshot } from '../../../src/account/snapshot.ts'
import type { ExternalSink } from '../../../src/external/external-sink.ts'
import { observedSink } from '../sink/observations.ts'

/** What an account has shown so far, for tests; all times are monotonic milliseconds. */
export const SETTLE = 60_000
export const SINK = observedSink()
/** The key that has shown everything. */
export const HISTORY_KEY = 'AC1'
export const KEYS = new Set([HISTORY_KEY])
export const NOTHING = emptySnapshot('AC1', 'AC1')

export const context = (by: Partial<AbsenceContext> = {}): AbsenceContext => ({
  lastSeen: createLastSeen(),
  settle: SETTLE,
  leadingSince: 0,
  trusted: true,
  keys: KEYS,
  ...by,
})

export function seenAt(at: number, sink: ExternalSink = SINK): LastSeen {
  const lastSeen = createLastSeen()
  lastSeen.recordSeen(sink, HISTORY_KEY, at)
  return lastSeen
}

export const listed = (
  before: Snapshot,
  beganAt: number,
  sinks: readonly ExternalSink[] = [],
  pages = 1,
): Snapshot => withList(before, sinks, { beganAt, pages }, new Map())

/** After Twilio's own 404 for the sink. */
export const missed = (before: Snapshot, answeredAt: number): Snapshot =>
  withoutSink(before, SINK.sid, { answeredAt, byOwnDelete: false })

/** After the 204 to our own DELETE of the sink. */
export const deleted = (before: Snapshot, answeredAt: number): Snapshot =>
  withoutSink(before, SINK.sid, { answeredAt, byOwnDelete: true })
