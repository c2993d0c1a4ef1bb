import { expect, it } from 'vitest'
import { keysOfAccount, seniorityOf, type PresentKey } from '../../../src/account/witnesses.ts'
import { MAX_KEYS } from '../../../src/api/twilio-account.ts'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const known = (digest: string, since = '2026-11-24T10:00:00Z') => ({ digest, since })
const present = (by: Partial<PresentKey> = {}): PresentKey => ({
  present: 'new',
  kin: new Set(['new']),
  recordedThrough: [],
  now: NOW,
  ...by,
})
const digests = (keys: readonly { digest: string }[]): string[] => keys.map(({ digest }) => digest)

it('begins with the first key that has shown the account', () => {
  expect(keysOfAccount([], present())).toEqual([known('new', '2026-11-24T12:00:00Z')])
})

it('changes with a rotation once, and not at each LIST: a change is a write', () => {
  const rotated = keysOfAccount([known('old')], present({ kin: new Set(['old', 'new']) }))
  expect(digests(rotated)).toEqual(['old', 'new'])
  const later = present({ kin: new Set(['old', 'new']), now: NOW + 3_600_000 })
  expect(keysOfAccount(rotated, later)).toEqual(rotated)
})

it('does not add a key of which nothing is known while a sink is recorded through the others', () => {
  const before = [known('old'), known('older')]
  expect(keysOfAccount(before, present({ recordedThrough: ['old'] }))).toEqual(before)
})

it('forgets keys that nothing leads to any more', () => {
  expect(digests(keysOfAccount([known('old')], present({ recordedThrough: ['new', undefined] })))).toEqual([
    'new',
  ])
})

it('remembers the last keys of ever so many, the present one among them', () => {
  const before = Array.from({ length: MAX_KEYS }, (_, n) => known(`k${n}`, `2026-11-24T10:00:${10 + n}Z`))
  const after = keysOfAccount(before, present({ kin: new Set(['new', ...digests(before)]) }))
  expect(after).toHaveLength(MAX_KEYS)
  expect(digests(after).at(-1)).toBe('new')
})

it('is as old with ever new keys as it was, or a newcomer would go before it', () => {
  let keys = keysOfAccount([], present({ present: 'k0', kin: new Set(['k0']) }))
  const all = Array.from({ length: 3 * MAX_KEYS }, (_, n) => `k${n}`)
  for (const [days, digest] of all.entries())
    keys = keysOfAccount(keys, present({ present: digest, kin: new Set(all), now: NOW + days * 86_400_000 }))
  expect(keys).toHaveLength(MAX_KEYS)
  expect(digests(keys)).toContain(all.at(-1))
  expect(seniorityOf(keys, new Set(all))).toBe(NOW)
})

it.each([
  ['later', NOW + 86_400_000],
  ['by a clock that is wrong, before all others', NOW - 86_400_000 * 365],
])('comes to rest although sinks are recorded through more keys than it remembers, %s', (_, now) => {
  const all = Array.from({ length: MAX_KEYS + 5 }, (_unused, n) => `k${String(n).padStart(2, '0')}`)
  const before = all.slice(0, MAX_KEYS).map((digest, n) => known(digest, `2026-11-24T10:00:${10 + n}Z`))
  const by = present({ kin: new Set(['new', ...all]), recordedThrough: all, now })
  const after = keysOfAccount(before, by)
  expect(digests(after)).toContain('new')
  expect(keysOfAccount(after, by)).toEqual(after)
})

it('counts as old as the oldest of the keys of its account, and of no other', () => {
  const keys = [known('other', '2026-11-24T01:00:00Z'), known('old'), known('new', '2026-11-24T11:00:00Z')]
  expect(seniorityOf(keys, new Set(['old', 'new']))).toBe(Date.parse('2026-11-24T10:00:00Z'))
  expect(seniorityOf([known('odd', 'yesterday')], new Set(['odd']))).toBe(Infinity)
})
