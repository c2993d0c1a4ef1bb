import type { ExternalSink } from '../sink/external-sink.ts'
import type { Outcome } from '../sink/outcome.ts'
import { lookBefore, type LastLook } from './look-before.ts'
import { later, momentOf } from './moment.ts'
import type { Observed } from './observe-sink.ts'
import type { Moment, SinkChange } from './ports.ts'
import type { ReconcileContext } from './context.ts'

/** A sink as it was just seen, and the slot in which it may be changed. */
export interface Seen {
  readonly found: ExternalSink
  readonly change: SinkChange
  /** What the look allows begins by then, or not at all. */
  readonly notAfter: Moment
}

/**
 * The last look at a sink and the change that follows from it, in one slot. Guarantees: the change begins within two call
 * timeouts of the look, one for the look and one for what is read besides; what becomes later is decided anew.
 */
export async function changeSink(
  s: ReconcileContext,
  observed: Observed,
  look: Omit<LastLook, 'through'>,
  work: (seen: Seen) => Promise<Outcome>,
): Promise<Outcome> {
  if (observed.connection === undefined) return { kind: 'stale' }
  return observed.connection.api.writes.withChangeSlot(async (change) => {
    const notAfter = soon(s)
    const found = await lookBefore(s, observed, { ...look, through: change })
    // No longer ours, or not as it was: the next reconcile decides on what was just seen.
    if (found === undefined) return { kind: 'stale' }
    return work({ found, change, notAfter })
  })
}

/** For what follows from a look that begins now: its answer may lie unread while the process stands still. */
export const soon = ({ clock, settings }: ReconcileContext): Moment =>
  later(momentOf(clock), 2 * settings.callTimeout)
