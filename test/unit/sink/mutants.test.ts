import { expect, it } from 'vitest'
import { classify, decide } from '../../../src/sink/decide.ts'
import type { State, StateName } from '../../../src/sink/state.ts'
import { DELETING_ROWS, LIVING_ROWS } from './design-rows.ts'
import { everyCase } from './enumeration.ts'
import { brokenBy, type Reconcile } from './survey.ts'

/**
 * The rules are only as good as the wrong tables that they catch. Each row is replaced by the decision of every other
 * row, and some rule must be broken then, or the mutant is listed here with the reason why it is none.
 */
const NO_MUTANTS: readonly (readonly [row: StateName, decidesAs: StateName, because: string])[] = [
  ['HeldInDoubt', 'Held', 'both say that the account holds changes; only the order tells them apart'],
  ['Held', 'HeldInDoubt', 'both say that the account holds changes; only the order tells them apart'],
  ...sharing(['Initialized', 'Validating', 'Failed', 'Unrecognised', 'Active']),
]

/** One function for all of them: Twilio's word, not the row, decides what is said. */
function sharing(rows: readonly StateName[]): [StateName, StateName, string][] {
  return rows.flatMap((row) =>
    rows
      .filter((other) => other !== row)
      .map((other): [StateName, StateName, string] => [row, other, 'they share one function']),
  )
}

const NAMES = [...DELETING_ROWS, ...LIVING_ROWS].map(({ name }) => name)
/** Spread over all cases of a state, so that its rare ones are among them. */
const PASSES_PER_STATE = 300

it('leaves no wrong table alive, else a rule is missing', () => {
  const samples = sampled()
  const mutants = NAMES.flatMap((row) => NAMES.map((other) => [row, other] as const))
  const survivors = mutants
    .filter(([row, other]) => row !== other && !isCaught(samples, row, other))
    .map(([row, other]) => `${row} decides as ${other}`)
  const known = NO_MUTANTS.map(([row, other]) => `${row} decides as ${other}`)
  const surviving = survivors.filter((mutant) => !known.includes(mutant))
  const count = mutants.length - NAMES.length - known.length
  console.log(`surviving mutants of ${count}: ${surviving.length === 0 ? 'none' : surviving.join(', ')}`)
  expect(surviving).toEqual([])
  expect(known.filter((mutant) => !survivors.includes(mutant))).toEqual([])
})

type Samples = ReadonlyMap<StateName, readonly Reconcile[]>

function sampled(): Samples {
  const all = Map.groupBy(
    [...everyCase()].map(({ o }) => ({ o, state: classify(o) })),
    ({ state }) => state.name,
  )
  const passes = [...all].map(([name, found]) => {
    const step = Math.max(1, Math.floor(found.length / PASSES_PER_STATE))
    const some = found.filter((_, index) => index % step === 0)
    return [name, some.map(({ o, state }): Reconcile => ({ o, state, decision: decide(state, o) }))] as const
  })
  return new Map(passes)
}

/** Nothing is caught by a throw: what the other row needs and this state lacks is lent by a state of the other row. */
function isCaught(samples: Samples, row: StateName, other: StateName): boolean {
  const [donor] = samples.get(other) ?? []
  if (donor === undefined) throw new Error(`${other} was never met`)
  return (samples.get(row) ?? []).some(({ o, state }) => {
    const asOther: State = Object.assign({}, donor.state, state, { name: other })
    return brokenBy({ o, state, decision: decide(asOther, o) }).length > 0
  })
}
