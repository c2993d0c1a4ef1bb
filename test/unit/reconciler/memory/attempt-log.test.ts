import { describe, expect, it } from 'vitest'
import { AttemptLog, type SeenAttempt } from '../../../../src/reconciler/memory/attempt-log.ts'

const attempt = (number: number, by: Partial<SeenAttempt> = {}): SeenAttempt => ({
  number,
  uid: 'uid',
  accountSid: 'AC1',
  key: 'AC1',
  times: [],
  seenAt: 0,
  ...by,
})
const numbers = (log: AttemptLog) => log.open(0).map(({ number }) => number)

describe('attempts of one name', () => {
  it('keeps what is open, whatever has ended meanwhile', () => {
    const log = new AttemptLog()
    for (const number of [1, 2, 3]) log.recordSeen(attempt(number))
    log.ended(2)
    log.ended(3)
    expect(numbers(log)).toEqual([1])
  })

  it('keeps of those that have ended the highest, whose number must not come again', () => {
    const log = new AttemptLog()
    for (let number = 1; number <= 1000; number += 1) {
      log.recordSeen(attempt(number))
      log.ended(number)
    }
    expect(log.highest()).toBe(1000)
    expect(log.hasEnded(1000)).toBe(true)
    expect(log.hasEnded(999), 'what is forgotten is not claimed to have ended').toBe(false)
  })

  it('takes the number back when a claim fails, and not that of the attempt before', () => {
    const log = new AttemptLog()
    log.recordSeen(attempt(1))
    log.ended(1)
    log.begin(attempt(2))
    log.notJournaled()
    expect(log.highest()).toBe(1)
  })

  it.each(['before', 'after'])('keeps what an annotation has shown under the number %s the claim', (when) => {
    const log = new AttemptLog()
    const shown = attempt(1, { key: 'AC2', seenAt: 1 })
    if (when === 'before') log.recordSeen(shown)
    log.begin(attempt(1, { through: 'shop/default' }))
    if (when === 'after') log.recordSeen(shown)
    log.notJournaled()
    expect(log.open(0)).toEqual([{ ...shown, ended: false }])
  })

  it('believes what the object has recorded, of its own attempts alone', () => {
    const log = new AttemptLog()
    log.recordSeen(attempt(1))
    log.recordSeen(attempt(2, { uid: 'replaced by' }))
    log.recorded('uid', 2)
    expect(numbers(log)).toEqual([2])
  })
})
