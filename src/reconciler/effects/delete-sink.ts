import { TwilioFailure } from '../../external/failure.ts'
import type { ObservedObject } from '../../sink/observation.ts'
import type { Outcome } from '../../sink/decision.ts'
import { recordInUse } from '../memory/account-registry.ts'
import type { SinkCrd } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'
import { wantList } from '../observe/look.ts'
import type { ChangeSlot, Rechecked } from './recheck.ts'

/** Deletes the external sink of an object that is being deleted. */
export async function deleteSink(s: ReconcileContext, rechecked: Rechecked, sid: string): Promise<Outcome> {
  const { entry, observed } = rechecked
  const { observation, crd } = observed
  const wait = untilCrdStays(s, crd, () => waitingForDiscoverySince(s, observation.object))
  if (wait > 0) return { kind: 'postponed', ms: wait }
  try {
    await sendDelete(s, rechecked, sid)
  } catch (error) {
    return failed(s, rechecked, sid, error)
  }
  wantList(s, entry, s.clock.monotonic())
  return { kind: 'done' }
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
    recordInUse(entry, sid, now + observed.observation.intervals.settlingPoll, now)
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
