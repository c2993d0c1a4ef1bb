import fc from 'fast-check'
import type { Observation } from '../../../src/sink/observation.ts'
import {
  ACCOUNTS,
  ATTEMPTS,
  BEFORE,
  CONTENT,
  FINALIZER,
  GENERATION,
  LIFE,
  LIFE_OR_DEATH,
  REFUSALS,
  REQUESTS,
  SINCE,
  SUSPEND,
  USE,
  VALUES,
  VIEW,
  WORDS,
  type Facet,
} from './facets.ts'
import { fresh } from './observations.ts'
import { FOUND, SITUATIONS } from './situations.ts'

export interface Case {
  readonly name: string
  readonly o: Observation
}

/** Applies the last facet first: situations replace what the other facets change. */
function* product(facets: readonly Facet[]): Iterable<Case> {
  const [first, ...others] = facets
  if (first === undefined) {
    yield { name: '', o: fresh() }
    return
  }
  for (const { name, o } of product(others)) {
    for (const [label, change] of Object.entries(first)) {
      yield { name: name === '' ? label : `${label}; ${name}`, o: change(o) }
    }
  }
}

/** The facets that matter together, multiplied out. What is in none of the products together, chance combines. */
export function* everyCase(): Iterable<Case> {
  yield* product([LIFE_OR_DEATH, ACCOUNTS, VIEW, ATTEMPTS, SITUATIONS])
  // What is suspended, or ours no longer, is left alone whatever was attempted: attempts meet both where there is a sink.
  yield* product([LIFE_OR_DEATH, FINALIZER, SUSPEND, ACCOUNTS, VIEW, SITUATIONS])
  yield* product([LIFE_OR_DEATH, FINALIZER, SUSPEND, ACCOUNTS, VIEW, ATTEMPTS, FOUND])
  yield* product([LIFE, FINALIZER, SUSPEND, ACCOUNTS, VIEW, FOUND])
  yield* product([FINALIZER, VALUES, REFUSALS, CONTENT, SITUATIONS])
  yield* product([LIFE, USE, REQUESTS, WORDS, FOUND])
  yield* product([USE, BEFORE, GENERATION, SINCE, LIFE, CONTENT, FOUND])
  yield* product([REQUESTS, REFUSALS, BEFORE, SITUATIONS])
  yield* product([REQUESTS, BEFORE, GENERATION, VIEW, SUSPEND, SITUATIONS])
}

const ALL: Readonly<Record<string, Facet>> = {
  SITUATIONS,
  CONTENT,
  VALUES,
  REFUSALS,
  WORDS,
  USE,
  REQUESTS,
  ATTEMPTS,
  VIEW,
  ACCOUNTS,
  SUSPEND,
  FINALIZER,
  LIFE,
  BEFORE,
  GENERATION,
  SINCE,
}

/** One of the whole product of all facets, more than could be enumerated. */
export const anyCase: fc.Arbitrary<Case> = fc
  .tuple(...Object.values(ALL).map((facet) => fc.constantFrom(...Object.entries(facet))))
  .map((choices) => ({
    name: choices.map(([label]) => label).join('; '),
    o: choices.reduce((o, [, change]) => change(o), fresh()),
  }))

/** One case in 17, scattered: a fixed step would leave out most of a facet of that size. For what takes longer per case. */
export function* someCases(): Iterable<Case> {
  let index = 0
  for (const one of everyCase()) {
    if (scattered(index) % 17 === 0) yield one
    index += 1
  }
}

/** Fibonacci hashing: neighbours land far apart, always in the same places. */
const scattered = (index: number): number => (Math.imul(index, 0x9e3779b1) >>> 0) >>> 12
