import type { StateName } from '../../src/sink/state.ts'
import type { Variant } from './variants.ts'

/**
 * Rows of the tables in place of others, so that in some state too much is done, or nothing. A sample: only rows that need
 * nothing of their state can stand in for others. test/unit/sink/mutants.test.ts holds all pairs to rules, by enumeration.
 */
export const MUTANTS: readonly Variant[] = (
  [
    ['Stripped', 'Missing', 'create, stripped'],
    ['Stripped', 'NotYetObserved', 'create, stripped'],
    ['Suspended', 'Missing', 'suspended, Orphan while deleting'],
    ['Suspended', 'NotYetObserved', 'suspended, Orphan while deleting'],
    ['AccountNotReady', 'Missing', 'credential kept in memory'],
    ['AccountNotReady', 'NotYetObserved', 'credential kept in memory'],
    ['AccountMismatch', 'Missing', 'another account in doubt'],
    ['AccountMismatch', 'NotYetObserved', 'another account in doubt'],
    ['Unreachable', 'Missing', 'Twilio does not answer'],
    ['NotYetObserved', 'Missing', 'nobody interferes'],
    ['HeldInDoubt', 'Missing', "another account's key in doubt"],
    ['InDoubt', 'Missing', 'create'],
    ['InDoubt', 'NotYetObserved', 'several pages'],
    ['Conflicted', 'Missing', 'taken over'],
    ['Conflicted', 'NotYetObserved', 'import beside its own'],
    ['MarkedElsewhere', 'Missing', 'taken over before the record'],
    ['Unclaimed', 'Missing', 'another key at the slot'],
    ['Unclaimed', 'NotYetObserved', 'taken over'],
    ['TakenOver', 'Missing', 'two old sinks'],
    ['TakenOver', 'NotYetObserved', 'taken over'],
    ['Held', 'Missing', "another account's key in doubt"],
    ['Held', 'NotYetObserved', "another account's key"],
    ['Unconfirmed', 'Missing', 'create'],
    ['Unconfirmed', 'NotYetObserved', 'vanished'],
    ['Ambiguous', 'Missing', 'two old sinks'],
    ['Ambiguous', 'NotYetObserved', 'two old sinks'],
    ['Unrecorded', 'Missing', 'create'],
    ['Unrecorded', 'NotYetObserved', 'create'],
    ['Missing', 'NotYetObserved', 'nobody interferes'],
    ['Orphaned', 'Departing', 'suspended, Orphan while deleting'],
    ['DeletionSuspended', 'Released', 'suspended, Orphan while deleting'],
    ['DeletionSuspended', 'Departing', 'suspended, Orphan while deleting'],
    ['DeletionWithoutAccount', 'Released', 'credential kept in memory'],
    ['DeletionWithoutAccount', 'Departing', 'credential kept in memory'],
    ['DeletionHeld', 'Released', "another account's key"],
    ['DeletionHeld', 'Departing', "another account's key"],
    ['DeletionInDoubt', 'Released', 'deletion while creating'],
    ['DeletionInDoubt', 'Departing', 'deletion while creating'],
    ['DeletionConflicted', 'Released', 'mark lost or forged'],
    ['DeletionConflicted', 'Departing', 'mark lost or forged'],
    ['Condemned', 'Released', 'deletion'],
    ['Condemned', 'Departing', 'deletion'],
    ['DeletionUnconfirmed', 'Released', 'deletion'],
    ['DeletionUnconfirmed', 'Departing', 'deletion'],
  ] as const
).map(([state, row, world]) => mutant(state, row, world))

export function mutant(state: StateName, row: StateName, world: string): Variant {
  const [from, to] = ['table[state.name]', `table[state.name === '${state}' ? '${row}' : state.name]`]
  return { name: `${state} as if it were ${row}`, world, edits: [{ file: 'src/sink/decide.ts', from, to }] }
}
