import type { Decision } from './decision.ts'
import type { Observation } from './observation.ts'
import type { StateName, StateOf } from './state.ts'

export type Row<Name extends StateName> = (state: StateOf<Name>, o: Observation) => Decision
/** A missing row does not compile. */
export type Table<Names extends StateName = StateName> = { readonly [Name in Names]: Row<Name> }
