import type { Decision } from './decision.ts'
import type { Observation } from './observation.ts'
import type { StateName, StateOf } from './state.ts'

export type Row<Name extends StateName> = (state: StateOf<Name>, o: Observation) => Decision
/** A missing row does not compile. */
export type Table<Names extends StateName = StateName> = { readonly [Name in Names]: Row<Name> }

/**
 * Asks for what is missing to confirm the absence, now if it can already be had, else when it can. `from` is the moment
 * from which a LIST confirms something; a GET of `sid` may come before.
 */
export function awaitAbsence(
  { now }: Observation,
  sid: string | undefined,
  from: number,
): Pick<Decision, 'effect' | 'next'> {
  const wait = from - now.monotonic
  const next = wait > 0 ? ({ kind: 'after', ms: wait } as const) : ({ kind: 'account' } as const)
  if (wait > 0 && sid === undefined) return { effect: { kind: 'none' }, next }
  return { effect: { kind: 'confirm-absence', sid, from }, next }
}
