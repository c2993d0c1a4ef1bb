import fc from 'fast-check'
import { expect, it } from 'vitest'
import { betterClaim, type Claim } from '../../../src/external/claim.ts'

const own: Claim = { key: 'a/own', uid: 'm', created: '2026-01-02', kind: 'wished', matches: true }
const competing = (by: Partial<Claim>): Claim => ({ ...own, key: 'a/other', uid: 'n', ...by })

it.each<[what: string, ours: Partial<Claim>, theirs: Partial<Claim>]>([
  [
    'recorded goes before wished for, however young',
    {},
    { kind: 'recorded', created: '2026-01-03', matches: false },
  ],
  ['of equals the one that matches goes first, however young', { matches: false }, { created: '2026-01-03' }],
  ['of equals that match the older goes first', {}, { created: '2026-01-01' }],
  [
    'of equals that do not match the older goes first',
    { matches: false },
    { matches: false, created: '2026-01-01' },
  ],
  ['of equals of one second the UID decides, so that never both go first', {}, { uid: 'l' }],
])('%s', (_, ours, theirs) => {
  const mine = { ...own, ...ours }
  const other = competing(theirs)
  expect(betterClaim(mine, [other])).toBe(other)
  expect(betterClaim(other, [mine])).toBeUndefined()
})

it('is none of our own, whatever it says, since an object does not lose to itself', () => {
  expect(betterClaim(own, [{ ...own, kind: 'recorded' }])).toBeUndefined()
  expect(betterClaim(own, [])).toBeUndefined()
})

it('is the one that gets the sink, not just any that goes before ours', () => {
  const [first, second] = [
    competing({ created: '2026-01-01', uid: 'x' }),
    competing({ created: '2026-01-01', uid: 'y' }),
  ]
  expect(betterClaim(own, [second, first])).toBe(first)
  expect(betterClaim(own, [{ ...own, kind: 'recorded' }, second])).toBe(second)
})

it('has exactly one winner among any objects, else a sink is served twice or not at all', () => {
  const claims = fc.uniqueArray(
    fc.record({
      key: fc.constant('a/b'),
      uid: fc.string({ minLength: 1, maxLength: 3 }),
      created: fc.constantFrom('2026-01-01', '2026-01-02'),
      kind: fc.constantFrom('recorded' as const, 'wished' as const),
      matches: fc.boolean(),
    }),
    { selector: ({ uid }) => uid, minLength: 1 },
  )
  fc.assert(
    fc.property(claims, (all) => {
      expect(all.filter((one) => betterClaim(one, all) === undefined)).toHaveLength(1)
    }),
  )
})
