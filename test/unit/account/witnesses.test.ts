import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createWitnesses, type Records } from '../../../src/account/witnesses.ts'

const NO_RECORDS: Records = { sinks: [], keys: [] }
const kin = (witnesses: ReturnType<typeof createWitnesses>, key: string, records = NO_RECORDS): string[] =>
  [...witnesses.kinOf(key, records)].sort()

it('knows a key that has shown nothing as one of its own account alone', () => {
  expect(kin(createWitnesses(), 'a')).toEqual(['a'])
})

it('knows two keys that have shown one SID as of one account, and a third by a second SID', () => {
  const witnesses = createWitnesses()
  witnesses.shown('a', 'DG1')
  witnesses.shown('b', 'DG1')
  witnesses.shown('b', 'DG2')
  witnesses.shown('c', 'DG2')
  witnesses.shown('d', 'DG3')
  expect(kin(witnesses, 'a')).toEqual(['a', 'b', 'c'])
  expect(kin(witnesses, 'd')).toEqual(['d'])
  expect(witnesses.haveShown(new Set(['a', 'b', 'c']), 'DG2')).toBe(true)
  expect(witnesses.haveShown(new Set(['d']), 'DG2')).toBe(false)
})

it('ties a key to what an earlier process has recorded: by the SID, or by the keys of the account', () => {
  const witnesses = createWitnesses()
  witnesses.shown('new', 'DG1')
  const sinks = [
    { sid: 'DG1', key: 'old' },
    { sid: 'DG2', key: 'old' },
    { sid: 'DG3', key: undefined },
  ]
  expect(kin(witnesses, 'new', { sinks, keys: [] })).toEqual(['new', 'old'])
  expect(kin(witnesses, 'new', { sinks, keys: ['old', 'older'] })).toEqual(['new', 'old', 'older'])
  expect(kin(witnesses, 'foreign', { sinks, keys: ['old', 'older'] })).toEqual(['foreign'])
})

it('says nothing to one TwilioAccount of what another has recorded', () => {
  const witnesses = createWitnesses()
  witnesses.shown('b', 'DG1')
  expect(kin(witnesses, 'b', { sinks: [{ sid: 'DG1', key: 'a' }], keys: [] })).toEqual(['a', 'b'])
  expect(kin(witnesses, 'b')).toEqual(['b'])
})

it('forgets sinks that are gone, and never whose key it is', () => {
  const witnesses = createWitnesses()
  for (const sid of ['DG1', 'DG2', 'AC1']) witnesses.shown('a', sid)
  witnesses.forget('a', ['DG1'])
  expect(witnesses.sinksOf('a')).toEqual(['DG2'])
  expect(witnesses.haveShown(new Set(['a']), 'DG1')).toBe(false)
  expect(witnesses.haveShown(new Set(['a']), 'AC1')).toBe(true)
})

it('forgets a key that no TwilioAccount has used for long enough, and no other', () => {
  const witnesses = createWitnesses()
  for (const key of ['used', 'left', 'back']) witnesses.shown(key, `DG-${key}`)
  witnesses.keepOnly(['used'], 100, 0)
  witnesses.keepOnly(['used', 'back'], 200, 100)
  expect(witnesses.size(), 'what it has shown is not settled').toBe(3)
  witnesses.keepOnly(['used'], 300, 101)
  expect(['used', 'left', 'back'].map((key) => witnesses.haveShown(new Set([key]), `DG-${key}`))).toEqual([
    true,
    false,
    true,
  ])
  expect(witnesses.size()).toBe(2)
})

it('never takes keys of two accounts for one, whatever is shown in whatever order', () => {
  const sight = fc.record({ account: fc.nat(3), key: fc.nat(4), sid: fc.nat(5) })
  fc.assert(
    fc.property(fc.array(sight), (sights) => {
      const witnesses = createWitnesses()
      for (const { account, key, sid } of sights) witnesses.shown(`${account}/${key}`, `DG${account}/${sid}`)
      for (const { account, key } of sights)
        for (const other of kin(witnesses, `${account}/${key}`))
          expect(other.startsWith(`${account}/`)).toBe(true)
    }),
  )
})
