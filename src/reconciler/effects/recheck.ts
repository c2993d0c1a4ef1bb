import { classify, decide } from '../../sink/decide.ts'
import type { Decision, Effect, Outcome } from '../../sink/decision.ts'
import type { State } from '../../sink/state.ts'
import { later, momentOf, type Moment } from '../../time/clock.ts'
import { readable } from '../memory/account-of-sink.ts'
import { readInputs } from '../observe/inputs.ts'
import { lookAt } from '../observe/look.ts'
import { observeSink, type Observed } from '../observe/observe-sink.ts'
import type { AccountConnection, AccountState } from '../memory/account-registry.ts'
import type { SinkChange } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'

/** What a reconcile stands on, and what follows from it. */
export interface Decided {
  readonly observed: Observed
  readonly state: State
  readonly decision: Decision
}

/** How the effect ended, with what was decided last: what changes something is decided twice. */
export interface Acted extends Decided {
  readonly outcome: Outcome
}

export function decideOn(observed: Observed): Decided {
  const state = classify(observed.observation)
  return { observed, state, decision: decide(state, observed.observation) }
}

/**
 * The one rule for whether an effect may still happen: observed and classified again, the object is in the same state, on
 * the same sink and through the same key. Undefined ends the reconcile; the next one decides on what is there now.
 */
export async function decideAgain(
  s: ReconcileContext,
  { observed, state, decision }: Decided,
): Promise<Decided | undefined> {
  const { key, uid } = observed.observation.object
  const sink = readable(s.sinks.get(key))
  if (sink?.metadata.uid !== uid) return undefined
  const inputs = await readInputs(s, key, sink, { again: true })
  // Somebody may have suspended it while others were asked.
  if (readable(s.sinks.get(key))?.metadata.resourceVersion !== sink.metadata.resourceVersion) return undefined
  const again = decideOn(observeSink(s, inputs))
  const isSame =
    again.state.name === state.name &&
    sidOf(again.decision) === sidOf(decision) &&
    again.observed.connection === observed.connection
  return isSame ? again : undefined
}

const sidOf = ({ effect }: Decision): string | undefined => ('sink' in effect ? effect.sink.sid : undefined)

/** An effect on one sink that is there. */
export type SinkEffect = Extract<Effect, { readonly sink: unknown }>

/** Where a sink was just read, and may be changed. */
export interface ChangeSlot {
  readonly entry: AccountState
  readonly connection: AccountConnection
  readonly change: SinkChange
  /** The change begins by then, or not at all. */
  readonly notAfter: Moment
}

/** A change that was decided again after the look. */
export interface Rechecked extends ChangeSlot {
  readonly observed: Observed
  readonly effect: SinkEffect
}

/**
 * Reads a sink, so that `work` decides with what was just seen, and changes it in the same slot. Guarantees: the change
 * begins within two call timeouts of the look, one for the sink and one for other reads, or it is not sent.
 */
export function lookAndChange<T>(
  s: ReconcileContext,
  { entry, connection, lasting }: Pick<ChangeSlot, 'entry' | 'connection'> & { readonly lasting?: true },
  sid: string,
  work: (slot: ChangeSlot) => Promise<T>,
): Promise<T> {
  return connection.api.writes.withChangeSlot(async (change) => {
    // The answer may wait while the process is stopped.
    const notAfter = later(momentOf(s.clock), 2 * s.settings.callTimeout)
    await lookAt(s, entry, { sid, connection, through: change })
    return work({ entry, connection, change, notAfter })
  }, lasting)
}

/** Before a sink is recorded, changed or deleted: a look, so that a cluster that was taken over stops at once. */
export async function recheckAndChange(
  s: ReconcileContext,
  decided: Decided,
  sid: string,
  work: (rechecked: Rechecked) => Promise<Outcome>,
): Promise<Acted> {
  const { entry, connection, observation } = decided.observed
  const stale: Acted = { ...decided, outcome: { kind: 'stale' } }
  if (entry === undefined || connection === undefined) return stale
  return lookAndChange(s, { entry, connection }, sid, async (slot) => {
    const { key, deleting } = observation.object
    // A person may have set `deletionPolicy: Orphan` just now.
    if (deleting) await s.sinks.read(key)
    const again = await decideAgain(s, decided)
    if (again === undefined || !('sink' in again.decision.effect)) return stale
    const rechecked = { ...slot, observed: again.observed, effect: again.decision.effect }
    return { ...again, outcome: await work(rechecked) }
  })
}
