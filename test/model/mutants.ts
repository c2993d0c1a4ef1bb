import type { StateName } from '../../src/sink/state.ts'
import type { Variant } from './variants.ts'

/**
 * A row of the tables in place of another: a state in which too much is done, or nothing. Only rows that need nothing of
 * their state can stand in for others; test/unit/sink/mutants.test.ts holds all pairs to rules, by enumeration.
 */
export function mutant(state: StateName, row: StateName, world: string): Variant {
  const [from, to] = ['table[state.name]', `table[state.name === '${state}' ? '${row}' : state.name]`]
  return { name: `${state} as if it were ${row}`, world, edits: [{ file: 'src/sink/decide.ts', from, to }] }
}
