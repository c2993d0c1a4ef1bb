import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { race, type Strike, type Trouble } from './candidates.ts'

/** Tight: slower clocks stretch the deadline to 14.6 s, faster ones shorten the duration to 14.7 s. */
const TIGHT = { leaseDuration: 15_000, renewDeadline: 14_300, retryPeriod: 2_000 }
const RATE = { min: 0.98, max: 1.02 }
/** `RACES=5000` runs more of them. */
const RUNS = Number(process.env['RACES'] ?? 150)

const span = fc.integer({ min: 1, max: 40_000 })
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.record({ kind: fc.constantFrom('freeze', 'cut-off', 'lose-answers', 'slow'), ms: span } as const),
  fc.record({ kind: fc.constant('paused-machine'), ms: span } as const),
  fc.record({ kind: fc.constant('wall-clock'), by: fc.integer({ min: -60_000, max: 60_000 }) } as const),
  fc.record({ kind: fc.constantFrom('killed', 'stopped', 'edited') } as const),
)
const strike: fc.Arbitrary<Strike> = fc.record({
  after: fc.integer({ min: 0, max: 12_000 }),
  whom: fc.nat({ max: 2 }),
  trouble,
})

/** Numbers in [0, 1) that follow from a seed; Marsaglia's xorshift. */
function numbersFrom(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

describe('processes at one lease, whatever befalls them', () => {
  it('never lead two at a time, and one leads when it is over', async () => {
    let terms = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ ...RATE, noNaN: true }), { minLength: 2, maxLength: 3 }),
        fc.array(strike, { minLength: 3, maxLength: 14 }),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        async (rates, strikes, seed) => {
          const ended = await race({ timing: TIGHT, rates, strikes, random: numbersFrom(seed) })
          terms += ended.terms
          expect(ended.clashes).toEqual([])
          expect(ended.leadersAtTheEnd).toBe(1)
        },
      ),
      { numRuns: RUNS },
    )
    expect(terms, 'leadership changes hands').toBeGreaterThan(1.5 * RUNS)
  })
})
