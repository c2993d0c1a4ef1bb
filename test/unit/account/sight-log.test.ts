import { expect, it } from 'vitest'
import { createSightLog } from '../../../src/account/sight-log.ts'
import { markedDescription } from '../../../src/sink/ownership-mark.ts'
import { external, mark, OWNER, sid } from '../sink/observations.ts'
import { KEY, KEYS } from './histories.ts'

const numbered = (number: number) =>
  external({ sid: sid(String(number)), description: markedDescription('Orders', mark(number)) })

it('remembers the last sight, also when an older one is told later', () => {
  const sights = createSightLog()
  sights.saw(numbered(1), KEY, 20)
  sights.saw(numbered(1), KEY, 10)
  expect(sights.lastSeen(sid('1'))).toBe(20)
  expect(sights.lastMarkSeen(OWNER, 0, KEYS)).toBe(20)
  sights.saw(numbered(1), KEY, 30)
  expect(sights.lastSeen(sid('1'))).toBe(30)
  expect(sights.lastMarkSeen(OWNER, 0, KEYS)).toBe(30)
})

it('knows nothing of what was never seen', () => {
  const sights = createSightLog()
  sights.saw(numbered(1), KEY, 20)
  expect(sights.lastSeen(sid('2'))).toBeUndefined()
  expect(sights.lastMarkSeen({ ...OWNER, object: 'zzzzzzzzzzzz' }, 0, KEYS)).toBeUndefined()
  expect(sights.lastMarkSeen({ ...OWNER, installation: 'zzzzzz' }, 0, KEYS)).toBeUndefined()
})

it('tells the last sight of any mark above a number, since the ones below are ended attempts', () => {
  const sights = createSightLog()
  sights.saw(numbered(1), KEY, 30)
  sights.saw(numbered(2), KEY, 10)
  sights.saw(numbered(3), KEY, 20)
  expect(sights.lastMarkSeen(OWNER, 0, KEYS)).toBe(30)
  expect(sights.lastMarkSeen(OWNER, 1, KEYS)).toBe(20)
  expect(sights.lastMarkSeen(OWNER, 2, KEYS)).toBe(20)
  expect(sights.lastMarkSeen(OWNER, 3, KEYS)).toBeUndefined()
})

it('remembers a sink without mark by its SID alone', () => {
  const sights = createSightLog()
  sights.saw(external({ description: 'Orders' }), KEY, 10)
  expect(sights.lastSeen(sid('a'))).toBe(10)
  expect(sights.lastMarkSeen(OWNER, -1, KEYS)).toBeUndefined()
})

it('tells a mark to those keys that have seen it: anybody can write it into an account of their own', () => {
  const sights = createSightLog()
  sights.saw(numbered(1), 'foreign', 30)
  expect(sights.lastMarkSeen(OWNER, 0, KEYS)).toBeUndefined()
  expect(sights.lastMarkSeen(OWNER, 0, new Set(['foreign']))).toBe(30)
})

it('forgets what was last seen before a moment and nothing else, so that memory does not grow', () => {
  const sights = createSightLog()
  sights.saw(numbered(1), KEY, 10)
  sights.saw(numbered(2), KEY, 20)
  sights.forgetBefore(20)
  expect(sights.lastSeen(sid('1'))).toBeUndefined()
  expect(sights.lastSeen(sid('2'))).toBe(20)
  expect(sights.lastMarkSeen(OWNER, 0, KEYS)).toBe(20)
  sights.forgetBefore(21)
  expect(sights.lastSeen(sid('2'))).toBeUndefined()
  expect(sights.lastMarkSeen(OWNER, 0, KEYS)).toBeUndefined()
})
