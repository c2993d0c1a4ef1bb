import { describe, expect, it } from 'vitest'
import { createAttemptLog, type SeenAttempt } from '../../../../src/reconciler/memory/attempt-log.ts'

const KEY = 'shop/orders'
const attempt = (number: number, by: Partial<SeenAttempt> = {}): SeenAttempt => ({
  number,
  uid: 'uid',
  accountSid: 'AC1',
  key: 'AC1',
  times: [],
  seenAt: 0,
  ...by,
})
const numbers = (log: ReturnType<typeof createAttemptLog>) => log.open(KEY, 0).map(({ number }) => number)

describe('attempts of one name', () => {
  it('keeps what is open, whatever has ended meanwhile', () => {
    const log = createAttemptLog()
    for (const number of [1, 2, 3]) log.recordSeen(KEY, attempt(number))
    log.ended(KEY, 2)
    log.ended(KEY, 3)
    expect(numbers(log)).toEqual([1])
  })

  it('keeps of those that have ended the highest, whose number must not come again', () => {
    const log = createAttemptLog()
    for (let number = 1; number <= 1000; number += 1) {
      log.recordSeen(KEY, attempt(number))
      log.ended(KEY, number)
    }
    expect(log.highest(KEY)).toBe(1000)
    expect(log.hasEnded(KEY, 1000)).toBe(true)
    expect(log.hasEnded(KEY, 999), 'what is forgotten is not claimed to have ended').toBe(false)
  })

  it('takes the number back when a claim fails, and not that of the attempt before', () => {
    const log = createAttemptLog()
    log.recordSeen(KEY, attempt(1))
    log.ended(KEY, 1)
    log.recordSeen(KEY, attempt(2))
    log.notJournaled(KEY, 2)
    expect(log.highest(KEY)).toBe(1)
  })

  it('believes what the object has recorded, of its own attempts alone', () => {
    const log = createAttemptLog()
    log.recordSeen(KEY, attempt(1))
    log.recordSeen(KEY, attempt(2, { uid: 'replaced by' }))
    log.recorded(KEY, 'uid', 2)
    expect(numbers(log)).toEqual([2])
  })
})
