import { expect, it } from 'vitest'
import { classify, decide } from '../../../src/sink/decide.ts'
import { makeReport } from '../../../src/sink/report/report.ts'
import type { Observation } from '../../../src/sink/observation.ts'
import { someCases } from './enumeration.ts'
import { claim, facts } from './facets.ts'
import { observedSink, settled, sid } from './observations.ts'

/** The same world, listed from the other end. */
function reversed(o: Observation): Observation {
  const { own, elsewhere, claims, subscriptions } = o.snapshot
  return facts({
    own: own.toReversed(),
    elsewhere: elsewhere.toReversed(),
    claims: new Map([...claims].map(([key, all]) => [key, all.toReversed()])),
    ...(subscriptions === undefined
      ? {}
      : { subscriptions: new Map([...subscriptions].map(([key, used]) => [key, used.toReversed()])) }),
  })(o)
}

function said(o: Observation) {
  const state = classify(o)
  const { status, effect, events } = makeReport(o, state, decide(state, o), { kind: 'none' })
  return { state: state.name, status, effect, events }
}

it('does not matter to what is said, else a list that Twilio sorts otherwise causes writes', () => {
  let compared = 0
  for (const { name, o } of someCases()) {
    const { own, elsewhere, subscriptions } = o.snapshot
    if (own.length + elsewhere.length < 2 && (subscriptions?.size ?? 0) === 0) continue
    compared += 1
    expect(said(reversed(o)), name).toEqual(said(o))
  }
  expect(compared).toBeGreaterThan(1_000)
})

it('does not matter to who is said to hold a sink that several others want: it is the one who gets it', () => {
  const competing = [
    claim({ key: 'shop/third', uid: 'c', created: '2026-01-03T00:00:00Z' }),
    claim({ key: 'shop/first', uid: 'b', created: '2026-01-01T00:00:00Z' }),
    claim({ key: 'shop/wish', uid: 'a', created: '2025-01-01T00:00:00Z', kind: 'wished' }),
  ]
  const recorded = observedSink({ description: 'Orders' })
  const o = facts({ recorded, claims: new Map([[sid('a'), competing]]) })(settled())
  expect(said(reversed(o))).toEqual(said(o))
  expect(said(o).status?.conditions[0]?.message).toContain('shop/first')
})
