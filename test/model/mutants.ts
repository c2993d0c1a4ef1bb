import type { StateName } from '../../src/sink/state.ts'
import type { ModelVariant } from './variants.ts'

/**
 * Rows of the tables in place of others, so that in some state too much is done, or nothing. A sample: only rows that need
 * nothing of their state can stand in for others. test/unit/sink/mutants.test.ts holds all pairs to rules, by enumeration.
 */
export const MUTANTS: readonly ModelVariant[] = (
  [
    ['FinalizerLost', 'ToCreate', 'create, stripped'],
    ['FinalizerLost', 'NotYetObserved', 'create, stripped'],
    ['Suspended', 'ToCreate', 'suspended, Orphan while deleting'],
    ['Suspended', 'NotYetObserved', 'suspended, Orphan while deleting'],
    ['AccountNotReady', 'ToCreate', 'credential kept in memory'],
    ['AccountNotReady', 'NotYetObserved', 'credential kept in memory'],
    ['AccountMismatch', 'ToCreate', 'another account in doubt'],
    ['AccountMismatch', 'NotYetObserved', 'another account in doubt'],
    ['Unreachable', 'ToCreate', 'Twilio does not answer'],
    ['NotYetObserved', 'ToCreate', 'nobody interferes'],
    ['HeldInDoubt', 'ToCreate', "another account's key in doubt"],
    ['InDoubt', 'ToCreate', 'create'],
    ['InDoubt', 'NotYetObserved', 'several pages'],
    ['Conflicted', 'ToCreate', 'taken over'],
    ['Conflicted', 'NotYetObserved', 'import beside its own'],
    ['MarkedElsewhere', 'ToCreate', 'taken over before the record'],
    ['ToAddFinalizer', 'ToCreate', 'another key at the slot'],
    ['ToAddFinalizer', 'NotYetObserved', 'taken over'],
    ['ToTakeOver', 'ToCreate', 'two old sinks'],
    ['ToTakeOver', 'NotYetObserved', 'taken over'],
    ['Held', 'ToCreate', "another account's key in doubt"],
    ['Held', 'NotYetObserved', "another account's key"],
    ['ToConfirmAbsence', 'ToCreate', 'create'],
    ['ToConfirmAbsence', 'NotYetObserved', 'vanished'],
    ['Ambiguous', 'ToCreate', 'two old sinks'],
    ['Ambiguous', 'NotYetObserved', 'two old sinks'],
    ['ToAdopt', 'ToCreate', 'create'],
    ['ToAdopt', 'NotYetObserved', 'create'],
    ['ToCreate', 'NotYetObserved', 'nobody interferes'],
    ['Orphaned', 'NotOurs', 'suspended, Orphan while deleting'],
    ['DeletionSuspended', 'SinkGone', 'suspended, Orphan while deleting'],
    ['DeletionSuspended', 'NotOurs', 'suspended, Orphan while deleting'],
    ['DeletionWithoutAccount', 'SinkGone', 'credential kept in memory'],
    ['DeletionWithoutAccount', 'NotOurs', 'credential kept in memory'],
    ['DeletionHeld', 'SinkGone', "another account's key"],
    ['DeletionHeld', 'NotOurs', "another account's key"],
    ['DeletionInDoubt', 'SinkGone', 'deletion while creating'],
    ['DeletionInDoubt', 'NotOurs', 'deletion while creating'],
    ['DeletionConflicted', 'SinkGone', 'mark lost or forged'],
    ['DeletionConflicted', 'NotOurs', 'mark lost or forged'],
    ['ToDelete', 'SinkGone', 'deletion'],
    ['ToDelete', 'NotOurs', 'deletion'],
    ['DeletionToConfirmAbsence', 'SinkGone', 'deletion'],
    ['DeletionToConfirmAbsence', 'NotOurs', 'deletion'],
  ] as const
).map(([state, row, world]) => mutant(state, row, world))

export function mutant(state: StateName, row: StateName, world: string): ModelVariant {
  const [from, to] = ['table[state.name]', `table[state.name === '${state}' ? '${row}' : state.name]`]
  return { name: `${state} as if it were ${row}`, world, edits: [{ file: 'src/sink/decide.ts', from, to }] }
}
