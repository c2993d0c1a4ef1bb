import { describe, expect, it } from 'vitest'
import { classify } from '../../../src/sink/classify.ts'
import { decide, TABLE, type Table } from '../../../src/sink/decide.ts'
import { findCondition } from '../../../src/sink/conditions.ts'
import { nextStatus } from '../../../src/sink/next-status.ts'
import { sameStatus } from '../../../src/sink/same-status.ts'
import type { State, StateName } from '../../../src/sink/state.ts'
import { everyCase, type Case } from './enumeration.ts'
import { RULES } from './rules.ts'
import { EXPECTED } from './table-expectations.ts'

interface Seen extends Case {
  readonly state: State
}

const cases: readonly Seen[] = [...everyCase()].map((one) => ({ ...one, state: classify(one.o) }))
const names = Object.keys(EXPECTED) as StateName[]

describe('the two tables, over every enumerated observation', () => {
  it('meets every state, so that no rule holds for want of a case', () => {
    const met = new Set(cases.map(({ state }) => state.name))
    expect(names.filter((name) => !met.has(name))).toEqual([])
    expect(cases.length).toBeGreaterThan(50_000)
  })

  it.each(RULES)('$name', ({ broken }) => {
    const found = cases.flatMap(({ name, o, state }) => {
      const problem = broken({ o, state, decision: decide(state, o) })
      return problem === undefined ? [] : [`${state.name}: ${problem} (${name})`]
    })
    expect(found.slice(0, 5)).toEqual([])
  })

  it('is quiet: what was written once is not written again', () => {
    const loud = cases.filter(({ o, state }) => {
      const decision = decide(state, o)
      if (decision.effect.kind !== 'none') return false
      const first = nextStatus(o, decision, { kind: 'none' })
      if (first === undefined) return false
      const again = { ...o, object: { ...o.object, status: first } }
      if (classify(again).name !== state.name) return false
      const later = { ...again, now: { wall: again.now.wall + 60_000, monotonic: again.now.monotonic } }
      const second = nextStatus(later, decide(classify(later), later), { kind: 'none' })
      return second !== undefined && !sameStatus(first, second)
    })
    expect(loud.slice(0, 3).map(({ name, state }) => `${state.name} (${name})`)).toEqual([])
  })

  it('never says Reconciling and Stalled together, since kstatus takes whichever comes first', () => {
    const wrong = cases.filter(({ o, state }) => {
      const conditions = nextStatus(o, decide(state, o), { kind: 'none' })?.conditions ?? []
      return (
        findCondition(conditions, 'Stalled') !== undefined &&
        findCondition(conditions, 'Reconciling') !== undefined
      )
    })
    expect(wrong.length).toBe(0)
  })

  it('keeps the SID whatever else is written, since losing it would duplicate the sink', () => {
    const lost = cases.filter(({ o, state }) => {
      const next = nextStatus(o, decide(state, o), { kind: 'none' })
      return o.object.status.sid !== undefined && next !== undefined && next.sid === undefined
    })
    expect(lost.length).toBe(0)
  })

  it('lets no digest of a configuration into a status', () => {
    const digests = Object.values(cases[0]?.o.desired.configuration ?? {}).filter((digest) => digest !== null)
    const told = cases.filter(({ o, state }, index) => {
      if (index % 50 !== 0) return false
      const text = JSON.stringify(nextStatus(o, decide(state, o), { kind: 'none' }) ?? {})
      return digests.some((digest) => text.includes(digest))
    })
    expect(told.length).toBe(0)
  })
})

/** Rows that decide alike by the design itself: a mutant among them is no mutant. */
const ALIKE: readonly (readonly StateName[])[] = [
  // Twilio's word decides in all five; they share one function.
  ['Initialized', 'Validating', 'Failed', 'Unrecognised', 'Active'],
  // Both say that the account holds changes; the order of the rows tells them apart.
  ['HeldInDoubt', 'Held'],
]

/** `Unclaimed` knows of no attempt, or it would be `Stripped`; so the finalizer alone is what both write then. */
const SAME_FOR: readonly (readonly [StateName, StateName])[] = [['Unclaimed', 'Stripped']]

describe('mutants of the tables', () => {
  const samples = new Map<StateName, Seen[]>()
  for (const seen of cases) {
    const known = samples.get(seen.state.name) ?? []
    if (known.length < 400) samples.set(seen.state.name, [...known, seen])
  }

  it('leaves none alive when a row is replaced by the decision of any other row', () => {
    const survivors = names.flatMap((name) =>
      names
        .filter(
          (other) => other !== name && !ALIKE.some((rows) => rows.includes(name) && rows.includes(other)),
        )
        .filter((other) => !SAME_FOR.some(([row, by]) => row === name && by === other))
        .filter((other) => !isCaught(name, other))
        .map((other) => `${name} decides as ${other}`),
    )
    console.log(`surviving mutants: ${survivors.length === 0 ? 'none' : survivors.join(', ')}`)
    expect(survivors).toEqual([])
  })

  function isCaught(name: StateName, other: StateName): boolean {
    const table: Table = { ...TABLE, [name]: TABLE[other] }
    return (samples.get(name) ?? []).some(({ o, state }) => {
      try {
        const decision = decide(state, o, table)
        return RULES.some(({ broken }) => broken({ o, state, decision }) !== undefined)
      } catch {
        return true
      }
    })
  }
})
