import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DELETION_BLOCKED_REASONS,
  READY_REASONS,
  RECONCILING_REASONS,
  REPLACEMENT_REASONS,
} from '../../../src/api/condition.ts'
import { anyCase } from './enumeration.ts'
import { DELETING_ROWS, EXCLUSIVE, LIVING_ROWS } from './design-rows.ts'
import { RULES } from './rules.ts'
import { STATUS_RULES } from './status-rules.ts'
import { problemsOf, survey } from './survey.ts'
import { EXPECTED, type Expectation } from './table-expectations.ts'

const seen = survey()
const sorted = ({ effects, says, next }: Readonly<Record<keyof Expectation, Iterable<string>>>) => ({
  effects: [...effects].sort(),
  says: [...says].sort(),
  next: [...next].sort(),
})

describe('the two tables, over every enumerated observation', () => {
  it('meet every state often, so that no rule holds for want of a case', () => {
    const names = [...DELETING_ROWS, ...LIVING_ROWS].map(({ name }) => name)
    expect(names.filter((name) => (seen.states.get(name) ?? 0) < 20)).toEqual([])
    expect(seen.cases).toBeGreaterThan(150_000)
  })

  it('decide each thing that the design says of a state in some case, and nothing else', () => {
    const decided = Object.fromEntries([...seen.decided].map(([name, found]) => [name, sorted(found)]))
    const wanted = Object.fromEntries(Object.entries(EXPECTED).map(([name, row]) => [name, sorted(row)]))
    expect(decided).toEqual(wanted)
  })

  it.each(RULES)('$name', ({ name }) => {
    expect(seen.problems.get(name) ?? []).toEqual([])
  })
})

describe('what the status says, over every enumerated observation', () => {
  it.each(STATUS_RULES)('$name', ({ name }) => {
    expect(seen.problems.get(name) ?? []).toEqual([])
  })

  it('is quiet: what was written once is not written again, nor told in events', () => {
    expect(seen.loud).toEqual([])
  })

  it('uses each reason of the closed lists, so that no page describes what cannot be', () => {
    const said = (type: string) => [...(seen.reasons.get(type) ?? [])].sort()
    expect(said('Ready')).toEqual([...READY_REASONS].sort())
    // What the API server has refused says it; no observation does.
    const blocked = DELETION_BLOCKED_REASONS.filter((reason) => reason !== 'WriteRefused')
    expect(said('DeletionBlocked')).toEqual([...blocked].sort())
    expect(said('ReplacementRequired')).toEqual([...REPLACEMENT_REASONS].sort())
    // A request that failed says it; no observation does.
    const retried = RECONCILING_REASONS.filter((reason) => reason !== 'ProgressingWithRetry')
    expect(said('Reconciling')).toEqual([...retried].sort())
  })
})

describe('the order of the rows', () => {
  const pairs = [DELETING_ROWS, LIVING_ROWS].flatMap((rows) =>
    rows.slice(1).map(({ name }, index) => `${rows[index]?.name} before ${name}`),
  )
  const exclusive = new Map(EXCLUSIVE.map(([first, then, because]) => [`${first} before ${then}`, because]))

  it('is under test for every two neighbours that can apply together', () => {
    expect(pairs.filter((pair) => !seen.neighbours.has(pair))).toEqual([...exclusive.keys()])
  })
})

describe('chance, over the whole product of all facets', () => {
  it('finds no observation that breaks a rule', () => {
    const seed = Date.now() % 2 ** 31
    console.log(`seed of the random observations: ${seed}`)
    fc.assert(
      fc.property(anyCase, ({ o }) => {
        expect(problemsOf(o)).toEqual([])
      }),
      { seed, numRuns: 5_000 },
    )
  })
})
