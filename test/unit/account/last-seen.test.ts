import { expect, it } from 'vitest'
import { createLastSeen } from '../../../src/account/last-seen.ts'
import { markedDescription } from '../../../src/external/ownership-mark.ts'
import { observedSink, mark, OWNER, sid } from '../sink/observations.ts'
import { HISTORY_KEY, KEYS } from './histories.ts'

const numbered = (number: number) =>
  observedSink({ sid: sid(String(number)), description: markedDescription('Orders', mark(number)) })

it('remembers the last sight, also when an older one is told later', () => {
  const lastSeen = createLastSeen()
  lastSeen.recordSeen(numbered(1), HISTORY_KEY, 20)
  lastSeen.recordSeen(numbered(1), HISTORY_KEY, 10)
  expect(lastSeen.ofSink(sid('1'))).toBe(20)
  expect(lastSeen.ofMark(OWNER, 0, KEYS)).toBe(20)
  lastSeen.recordSeen(numbered(1), HISTORY_KEY, 30)
  expect(lastSeen.ofSink(sid('1'))).toBe(30)
  expect(lastSeen.ofMark(OWNER, 0, KEYS)).toBe(30)
})

it('knows nothing of what was never seen', () => {
  const lastSeen = createLastSeen()
  lastSeen.recordSeen(numbered(1), HISTORY_KEY, 20)
  expect(lastSeen.ofSink(sid('2'))).toBeUndefined()
  expect(lastSeen.ofMark({ ...OWNER, object: 'zzzzzzzzzzzz' }, 0, KEYS)).toBeUndefined()
  expect(lastSeen.ofMark({ ...OWNER, installation: 'zzzzzz' }, 0, KEYS)).toBeUndefined()
})

it('tells the last sight of any mark above a number, since the ones below are ended attempts', () => {
  const lastSeen = createLastSeen()
  lastSeen.recordSeen(numbered(1), HISTORY_KEY, 30)
  lastSeen.recordSeen(numbered(2), HISTORY_KEY, 10)
  lastSeen.recordSeen(numbered(3), HISTORY_KEY, 20)
  expect(lastSeen.ofMark(OWNER, 0, KEYS)).toBe(30)
  expect(lastSeen.ofMark(OWNER, 1, KEYS)).toBe(20)
  expect(lastSeen.ofMark(OWNER, 2, KEYS)).toBe(20)
  expect(lastSeen.ofMark(OWNER, 3, KEYS)).toBeUndefined()
})

it('remembers a sink without mark by its SID alone', () => {
  const lastSeen = createLastSeen()
  lastSeen.recordSeen(observedSink({ description: 'Orders' }), HISTORY_KEY, 10)
  expect(lastSeen.ofSink(sid('a'))).toBe(10)
  expect(lastSeen.ofMark(OWNER, -1, KEYS)).toBeUndefined()
})

it('tells a mark to those keys that have seen it: anybody can write it into an account of their own', () => {
  const lastSeen = createLastSeen()
  lastSeen.recordSeen(numbered(1), 'foreign', 30)
  expect(lastSeen.ofMark(OWNER, 0, KEYS)).toBeUndefined()
  expect(lastSeen.ofMark(OWNER, 0, new Set(['foreign']))).toBe(30)
})

it('forgets what was last seen before a moment and nothing else, so that memory does not grow', () => {
  const lastSeen = createLastSeen()
  lastSeen.recordSeen(numbered(1), HISTORY_KEY, 10)
  lastSeen.recordSeen(numbered(2), HISTORY_KEY, 20)
  lastSeen.forgetBefore(20)
  expect(lastSeen.ofSink(sid('1'))).toBeUndefined()
  expect(lastSeen.ofSink(sid('2'))).toBe(20)
  expect(lastSeen.ofMark(OWNER, 0, KEYS)).toBe(20)
  lastSeen.forgetBefore(21)
  expect(lastSeen.ofSink(sid('2'))).toBeUndefined()
  expect(lastSeen.ofMark(OWNER, 0, KEYS)).toBeUndefined()
})
