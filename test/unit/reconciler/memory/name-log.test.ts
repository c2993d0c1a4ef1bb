import { describe, expect, it } from 'vitest'
import { createNameLog, type FirstSeen } from '../../../../src/reconciler/memory/name-log.ts'

const KEY = 'shop/orders'
const INPUTS = { settle: 60, leadingSince: 0, journalClosed: false }
const born = (uid: string, at: number): FirstSeen => ({ uid, at, born: true, touched: false })

describe('a name that was used before', () => {
  it('asks for a LIST that begins a settle time after the last object left', () => {
    const names = createNameLog()
    names.present(KEY, born('a', 100))
    names.left(KEY, 200)
    names.present(KEY, born('b', 210))
    expect(names.absenceConfirmableSince(KEY, INPUTS)).toBe(260)
  })

  it('asks for nothing when the last object was released, told before or after it left', () => {
    for (const order of ['released-left', 'left-released'] as const) {
      const names = createNameLog()
      names.present(KEY, born('a', 100))
      if (order === 'released-left') names.confirmedGone(KEY)
      names.left(KEY, 200)
      names.confirmedGone(KEY)
      names.present(KEY, born('b', 210))
      expect(names.absenceConfirmableSince(KEY, INPUTS), order).toBe(0)
    }
  })

  it('asks for the LIST when the release did not come through', () => {
    const names = createNameLog()
    names.present(KEY, born('a', 100))
    names.confirmedGone(KEY)
    names.notGone(KEY)
    names.left(KEY, 200)
    names.present(KEY, born('b', 210))
    expect(names.absenceConfirmableSince(KEY, INPUTS)).toBe(260)
  })

  it('counts a replacement that nobody saw from when it was seen', () => {
    const names = createNameLog()
    names.present(KEY, born('a', 100))
    names.present(KEY, born('b', 300))
    expect(names.absenceConfirmableSince(KEY, INPUTS)).toBe(360)
  })
})

describe('forgetting', () => {
  it('offers the names whose object left before a moment, and never one that is in use', () => {
    const names = createNameLog()
    for (const [key, at] of [
      ['shop/a', 100],
      ['shop/b', 200],
      ['shop/c', 300],
    ] as const) {
      names.present(key, born('x', 50))
      names.left(key, at)
    }
    names.present('shop/a', born('y', 150))
    names.present('shop/d', born('z', 10))
    expect(names.leftBefore(300)).toEqual(['shop/b'])
    names.forget('shop/b')
    expect(names.leftBefore(1000)).toEqual(['shop/c'])
  })

  it('offers a name anew by its last departure', () => {
    const names = createNameLog()
    names.present(KEY, born('a', 100))
    names.left(KEY, 200)
    names.present(KEY, born('b', 210))
    names.left(KEY, 400)
    expect(names.leftBefore(400)).toEqual([])
    expect(names.leftBefore(401)).toEqual([KEY])
  })

  it('leaves a name as if it had never been used', () => {
    const names = createNameLog()
    names.present(KEY, born('a', 100))
    names.left(KEY, 200)
    names.forget(KEY)
    names.present(KEY, born('b', 1000))
    expect(names.absenceConfirmableSince(KEY, INPUTS)).toBe(0)
  })
})
