import { expect, it } from 'vitest'
import { keysOfAccount, seniorityOf, type PresentKey } from '../../../src/account/known-keys.ts'
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

it('counts as old as the oldest of the keys of its account, and of no other', () => {
  const keys = [known('other', '2026-11-24T01:00:00Z'), known('old'), known('new', '2026-11-24T11:00:00Z')]
  expect(seniorityOf(keys, new Set(['old', 'new']))).toBe(Date.parse('2026-11-24T10:00:00Z'))
  expect(seniorityOf([known('odd', 'yesterday')], new Set(['odd']))).toBe(Infinity)
})
