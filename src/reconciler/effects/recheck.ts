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

/** A sink that may be changed: just read, decided on again, and the slot in which the change is sent. */
export interface Rechecked {
  readonly observed: Observed
  readonly effect: SinkEffect
  readonly entry: AccountState
  readonly connection: AccountConnection
  readonly change: SinkChange
  /** The change begins by then, or not at all. */
  readonly notAfter: Moment
}

/**
 * Reads the sink just before it is recorded, changed or deleted, so that a cluster that was taken over stops at once;
 * decides again, what was just seen included; and changes it, all in one slot. Guarantees: the change begins within two
 * call timeouts of the recheck, one for the sink and one for other reads; a later change is decided anew.
 */
export async function recheckAndChange(
  s: ReconcileContext,
  decided: Decided,
  sid: string,
  work: (rechecked: Rechecked) => Promise<Outcome>,
): Promise<Acted> {
  const { entry, connection, observation } = decided.observed
  const stale: Acted = { ...decided, outcome: { kind: 'stale' } }
  if (entry === undefined || connection === undefined) return stale
  return connection.api.writes.withChangeSlot(async (change) => {
    const notAfter = changeDeadline(s)
    if (!(await lookAt(s, entry, { sid, connection, through: change }))) return stale
    const { key, deleting } = observation.object
    // A person may have set `deletionPolicy: Orphan` just now.
    if (deleting) await s.sinks.read(key)
    const again = await decideAgain(s, decided)
    if (again === undefined || !('sink' in again.decision.effect)) return stale
    const rechecked = { observed: again.observed, effect: again.decision.effect }
    return { ...again, outcome: await work({ ...rechecked, entry, connection, change, notAfter }) }
  })
}

/** For a change that follows from a recheck that begins now: its answer may wait while the process is stopped. */
export const changeDeadline = ({ clock, settings }: ReconcileContext): Moment =>
  later(momentOf(clock), 2 * settings.callTimeout)
