import { describe, expect, it } from 'vitest'
import {
  absenceConfirmableSince,
  NameRecords,
  type FirstSeen,
} from '../../../../src/reconciler/memory/name-records.ts'

const KEY = 'shop/orders'
const SINK = {
  metadata: {
    ...{ name: 'orders', namespace: 'shop', uid: 'a', resourceVersion: '1', generation: 1 },
    ...{ creationTimestamp: '', finalizers: [], annotations: {}, labels: {} },
  },
  spec: {},
  status: {},
}
const INPUTS = { settle: 60, leadingSince: 0, journalClosed: false }
const born = (uid: string, at: number): FirstSeen => ({ uid, at, born: true, touched: false })

describe('a name that was used before', () => {
  it('asks for a LIST that begins a settle time after the last object left', () => {
    const names = new NameRecords('installation')
    names.present(KEY, born('a', 100))
    names.left(KEY, 200)
    names.present(KEY, born('b', 210))
    expect(absenceConfirmableSince(names.of(KEY), INPUTS)).toBe(260)
  })

  it('asks for nothing when the last object was released, told before or after it left', () => {
    for (const order of ['released-left', 'left-released'] as const) {
      const names = new NameRecords('installation')
      names.present(KEY, born('a', 100))
      if (order === 'released-left') names.confirmedGone(KEY)
      names.left(KEY, 200)
      names.confirmedGone(KEY)
      names.present(KEY, born('b', 210))
      expect(absenceConfirmableSince(names.of(KEY), INPUTS), order).toBe(0)
    }
  })

  it('asks for the LIST when the release did not come through', () => {
    const names = new NameRecords('installation')
    names.present(KEY, born('a', 100))
    names.confirmedGone(KEY)
    names.notGone(KEY)
    names.left(KEY, 200)
    names.present(KEY, born('b', 210))
    expect(absenceConfirmableSince(names.of(KEY), INPUTS)).toBe(260)
  })

  it('counts a replacement that nobody saw from when it was seen', () => {
    const names = new NameRecords('installation')
    names.present(KEY, born('a', 100))
    names.present(KEY, born('b', 300))
    expect(absenceConfirmableSince(names.of(KEY), INPUTS)).toBe(360)
  })
})

describe('forgetting', () => {
  it('offers the names whose object left before a moment, and never one that is in use', () => {
    const names = new NameRecords('installation')
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

  it('offers no name whose reconcile still runs: what it has in memory must not be lost to it', () => {
    const names = new NameRecords('installation')
    names.present(KEY, born('a', 100))
    const record = names.of(KEY)
    record.underWay = SINK
    names.left(KEY, 200)
    expect(names.leftBefore(1000)).toEqual([])
    record.underWay = undefined
    expect(names.leftBefore(1000)).toEqual([KEY])
  })

  it('offers a name anew by its last departure', () => {
    const names = new NameRecords('installation')
    names.present(KEY, born('a', 100))
    names.left(KEY, 200)
    names.present(KEY, born('b', 210))
    names.left(KEY, 400)
    expect(names.leftBefore(400)).toEqual([])
    expect(names.leftBefore(401)).toEqual([KEY])
  })

  it('leaves a name as if it had never been used', () => {
    const names = new NameRecords('installation')
    names.present(KEY, born('a', 100))
    names.left(KEY, 200)
    names.forget(KEY)
    names.present(KEY, born('b', 1000))
    expect(absenceConfirmableSince(names.of(KEY), INPUTS)).toBe(0)
  })
})

describe('what is remembered of one object', () => {
  it('goes with it, and is not the one of another object under its name', () => {
    const names = new NameRecords('installation')
    names.present(KEY, born('a', 100))
    names.memoryOf({ key: KEY, uid: 'a' }).override = true
    names.memoryOf({ key: KEY, uid: 'b' }).override = true
    expect(names.memoryOf({ key: KEY, uid: 'a' })).toEqual({ override: true })
    names.present(KEY, born('b', 200))
    expect(names.memoryOf({ key: KEY, uid: 'b' })).toEqual({})
    expect(names.memoryOf({ key: KEY, uid: 'a' })).toEqual({})
  })
})

describe('the object of a mark', () => {
  it('is found as long as it is there', () => {
    const names = new NameRecords('installation')
    const { object } = names.of(KEY).owner
    expect(names.keyOfMark(object)).toBeUndefined()
    names.present(KEY, born('a', 100))
    expect(names.keyOfMark(object)).toBe(KEY)
    names.left(KEY, 200)
    expect(names.keyOfMark(object)).toBeUndefined()
    names.present(KEY, born('b', 300))
    expect(names.keyOfMark(object)).toBe(KEY)
  })
})
