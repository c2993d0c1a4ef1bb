import type { ExternalSink } from '../sink/external-sink.ts'
import type { Outcome } from '../sink/outcome.ts'
import { recheck, type RecheckOptions } from './recheck.ts'
import { later, momentOf, type Moment } from '../time/clock.ts'
import type { Observed } from './observe/observe-sink.ts'
import type { SinkChange } from './ports.ts'
import type { ReconcileContext } from './context.ts'

/** A sink as it was just seen, and the slot in which it may be changed. */
export interface RecheckedSink {
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
