import { classifyDeleting } from './classify-deleting.ts'
import { classifyLiving } from './classify-living.ts'
import type { Decision, Table } from './decision.ts'
import { DELETING_TABLE } from './deleting-table.ts'
import { LIVING_TABLE } from './living-table.ts'
import type { Observation } from './observation.ts'
import type { State } from './state.ts'

export type { Table } from './decision.ts'

export const TABLE: Table = { ...DELETING_TABLE, ...LIVING_TABLE }

/** Which of the two tables speaks is decided before anything else is looked at. */
export function classify(o: Observation): State {
  return o.object.deleting ? classifyDeleting(o) : classifyLiving(o)
}

/** One row per state. `table` is an argument so that tests can try wrong ones. */
export function decide(state: State, o: Observation, table: Table = TABLE): Decision {
  // The one cast of the core: TypeScript cannot see that the row found under a state's name takes that state.
  const row = table[state.name] as (state: State, o: Observation) => Decision
  return row(state, o)
}
