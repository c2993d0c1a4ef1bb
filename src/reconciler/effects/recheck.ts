import { betterClaim, ownClaim, standing } from '../../external/claim.ts'
import type { ExternalSink } from '../../external/external-sink.ts'
import { readMark, sameOwner, type Mark } from '../../external/ownership-mark.ts'
import { readable } from '../memory/account-of-sink.ts'
import { lookAt, type Look, type Observed } from '../observe/observe-sink.ts'
import { claimsOn } from '../observe/snapshot-facts.ts'
import type { ReconcileContext } from '../context.ts'
import type { Outcome } from '../../sink/decision.ts'
import { later, momentOf, type Moment } from '../../time/clock.ts'
import type { SinkChange } from '../ports.ts'

export interface RecheckOptions extends Pick<Look, 'sid' | 'through'> {
  /** The mark that it must carry; without one its own, or none where the SID is recorded or imported. */
  readonly expected?: Mark
}

/**
 * Reads the external sink just before it is changed or deleted, so that a cluster that was taken over stops at once.
 * Undefined ends the reconcile: it is not there, it carries a mark other than expected, or another object has it by now.
 */
export async function recheck(
  s: ReconcileContext,
  observed: Observed,
  { expected, ...look }: RecheckOptions,
): Promise<ExternalSink | undefined> {
  const { observation, entry, connection } = observed
  if (entry === undefined || !(await lookAt(s, entry, { ...look, connection }))) return undefined
  const sink = entry.snapshot.sinks.get(look.sid)?.sink
  if (sink === undefined) return undefined
  return isStillOurs(s, observed, sink, expected) && isAsObserved(s, observation) ? sink : undefined
}

function isStillOurs(
  s: ReconcileContext,
  { observation }: Observed,
  sink: ExternalSink,
  expected: Mark | undefined,
): boolean {
  const { mark } = readMark(sink.description)
  // A mark that was lost by hand is drift where the SID is recorded, and an import has none; elsewhere it was all that made
  // the sink ours.
  const { status, importSid } = observation.object
  const mayLack = status.sid === sink.sid || importSid === sink.sid
  const allowed = mark === undefined ? mayLack : sameOwner(mark, observation.owner)
  if (expected !== undefined ? mark === undefined || !sameOwner(mark, expected) : !allowed) return false
  if (expected !== undefined && s.index.keyOfObject(expected.object) !== undefined) {
    // For another installation's mark the name is our own; for one of ours the name must be free.
    if (expected.object !== observation.owner.object) return false
  }
  const others = standing(claimsOn(s, sink.sid), sink, { owner: observation.owner, sid: status.sid })
  return betterClaim(ownClaim(observation.object, sink), others) === undefined
}

/** The object is still the same one, still living or leaving as it was, and nobody has suspended it since. */
function isAsObserved(s: ReconcileContext, { object }: Observed['observation']): boolean {
  const now = readable(s.sinks.get(object.key))
  if (now?.metadata.uid !== object.uid || now.spec.suspend === true) return false
  return (now.metadata.deletionTimestamp !== undefined) === object.deleting
}

/** A sink as it was just seen, and the slot in which it may be changed. */
interface RecheckedSink {
  readonly found: ExternalSink
  readonly change: SinkChange
  /** The change begins by then, or not at all. */
  readonly notAfter: Moment
}

/**
 * The recheck of a sink and the change that follows from it, in one slot. Guarantees: the change begins within two call
 * timeouts of the recheck, one for the recheck and one for other reads; a later change is decided again.
 */
export async function recheckAndChange(
  s: ReconcileContext,
  observed: Observed,
  look: Omit<RecheckOptions, 'through'>,
  work: (seen: RecheckedSink) => Promise<Outcome>,
): Promise<Outcome> {
  if (observed.connection === undefined) return { kind: 'stale' }
  return observed.connection.api.writes.withChangeSlot(async (change) => {
    const notAfter = changeDeadline(s)
    const found = await recheck(s, observed, { ...look, through: change })
    // No longer ours, or not as it was: the next reconcile decides on what was just seen.
    if (found === undefined) return { kind: 'stale' }
    return work({ found, change, notAfter })
  })
}

/** For a change that follows from a recheck that begins now: its answer may wait while the process is stopped. */
export const changeDeadline = ({ clock, settings }: ReconcileContext): Moment =>
  later(momentOf(clock), 2 * settings.callTimeout)
