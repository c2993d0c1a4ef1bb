import { TwilioFailure } from '../../external/failure.ts'
import type { ObservedObject } from '../../sink/observation.ts'
import type { Outcome } from '../../sink/decision.ts'
import { recordInUse } from '../memory/account-registry.ts'
import type { SinkCrd } from '../ports.ts'
import { longestRetry, type ReconcileContext } from '../context.ts'
import { backoffMs } from '../../time/waiting.ts'
import { wantList } from '../observe/look.ts'
import type { ChangeSlot, Rechecked } from './recheck.ts'

/** Deletes the external sink of an object that is being deleted. */
export async function deleteSink(s: ReconcileContext, rechecked: Rechecked, sid: string): Promise<Outcome> {
  const { entry, observed } = rechecked
  const { observation, crd } = observed
  const { object } = observation
  const trusted = untilCrdStays(s, crd, () => waitingForDiscoverySince(s, object))
  const { notBefore = 0 } = s.names.memoryOf(object).deletions ?? {}
  const wait = Math.max(trusted, notBefore - s.clock.monotonic())
  if (wait > 0) return { kind: 'postponed', ms: wait }
  try {
    await sendDelete(s, rechecked, sid)
  } catch (error) {
    return failed(s, rechecked, sid, error)
  }
  noteDeletion(s, object, FIRST_WAIT)
  wantList(s, entry, s.clock.monotonic())
  return { kind: 'done' }
}

/** Twilio's first word need not be its last: a sink may show for a moment after its DELETE. */
const FIRST_WAIT = 1_000

/** A sink that stays although Twilio has answered its DELETE is deleted again after a growing delay. Returns when. */
function noteDeletion(s: ReconcileContext, object: ObservedObject, firstMs: number): number {
  const memory = s.names.memoryOf(object)
  const count = (memory.deletions?.count ?? 0) + 1
  const delay = backoffMs({ firstMs, longestMs: longestRetry(s.settings) }, count)
  const notBefore = s.clock.monotonic() + delay
  memory.deletions = { count, notBefore }
  return notBefore
}

/** Resolves when Twilio says that the sink is deleted. */
export async function sendDelete(
  s: ReconcileContext,
  { entry, connection, change, notAfter }: ChangeSlot,
  sid: string,
): Promise<void> {
  await change.deleteSink(sid, notAfter)
  const answer = { answeredAt: s.clock.monotonic(), byOwnDelete: true }
  s.registry.recordAbsent(entry, connection.key, sid, answer)
}

/** Counted from when this process first came so far: the clock of the API server may be another. */
function waitingForDiscoverySince({ clock, names }: ReconcileContext, object: ObservedObject): number {
  return (names.memoryOf(object).waitsForDiscoverySince ??= clock.monotonic())
}

function failed(
  s: ReconcileContext,
  { observed, entry, connection }: Rechecked,
  sid: string,
  error: unknown,
): Outcome {
  if (!(error instanceof TwilioFailure)) throw error
  const now = s.clock.monotonic()
  if (error.kind === 'in-use') {
    const { object, intervals } = observed.observation
    recordInUse(entry, sid, noteDeletion(s, object, intervals.settlingPoll), now)
    // Which subscription it is, the snapshot does not know yet.
    wantList(s, entry, now)
    return { kind: 'stale', failure: error }
  }
  if (error.kind !== 'not-found') throw error
  s.registry.recordAbsent(entry, connection.key, sid, { answeredAt: now, byOwnDelete: false })
  return { kind: 'stale' }
}

/** By discovery a terminating kind shows with a delay: so long after a deletion was first seen it is trusted. */
const DISCOVERY_LAG = 10_000

/**
 * Taking the CRD away never takes sinks away. Milliseconds until a CRD that is not being deleted is known to stay.
 * `firstSeen`: monotonic, when this process first saw that the object leaves.
 */
export const untilCrdStays = (
  { clock }: ReconcileContext,
  crd: SinkCrd | undefined,
  firstSeen: () => number,
): number => (crd?.source === 'crd' ? 0 : Math.max(0, firstSeen() + DISCOVERY_LAG - clock.monotonic()))
