import { describe, expect, it } from 'vitest'
import { listedSince, markAbsent, sinkGone, type AbsenceContext } from '../../../src/account/absence.ts'
import { withoutSink, withSink, type Snapshot } from '../../../src/account/snapshot.ts'
import { markedDescription } from '../../../src/external/ownership-mark.ts'
import { observedSink, mark, OWNER, sid } from '../sink/observations.ts'
import { context, deleted, HISTORY_KEY, listed, missed, NOTHING, seenAt, SETTLE, SINK } from './histories.ts'

const gone = (snapshot: Snapshot, by: Partial<AbsenceContext> = {}) =>
  sinkGone(snapshot, SINK.sid, context(by))

describe('a recorded sink', () => {
  it("is gone after Twilio's 404 and a LIST that began a settle time after the last sight", () => {
    expect(gone(listed(missed(NOTHING, 100_000), 100_001), { lastSeen: seenAt(10_000) }).confirmed).toBe(true)
  })

  it('is not gone by a LIST alone, nor by a 404 alone: each can be wrong', () => {
    expect(gone(listed(NOTHING, 200_000)).confirmed).toBe(false)
    expect(gone(missed(NOTHING, 100_000)).confirmed).toBe(false)
  })

  it('is not gone by a 404 after the LIST: that LIST may be as old as the sink', () => {
    expect(gone(missed(listed(NOTHING, 99_999), 100_000)).confirmed).toBe(false)
  })

  it('is not gone by proof gathered within the settle time, however long one waits', () => {
    const lastSeen = seenAt(90_000)
    const early = listed(missed(NOTHING, 100_000), 100_001)
    expect(gone(early, { lastSeen })).toEqual({ confirmed: false, from: 90_000 + SETTLE })
    expect(gone(listed(early, 90_001 + SETTLE), { lastSeen }).confirmed).toBe(true)
  })

  it('that this process has never seen counts as seen when it began to lead', () => {
    const early = listed(missed(NOTHING, 20_000), 20_001)
    expect(gone(early, { leadingSince: 10_000 })).toEqual({ confirmed: false, from: 10_000 + SETTLE })
    expect(gone(listed(early, 10_001 + SETTLE), { leadingSince: 10_000 }).confirmed).toBe(true)
  })

  it('needs no settle time after our own DELETE, but a LIST that began later', () => {
    const lastSeen = seenAt(99_999)
    expect(gone(listed(deleted(NOTHING, 100_000), 99_999), { lastSeen }).confirmed).toBe(false)
    expect(gone(listed(deleted(NOTHING, 100_000), 100_000), { lastSeen }).confirmed).toBe(false)
    expect(gone(listed(deleted(NOTHING, 100_000), 100_001), { lastSeen }).confirmed).toBe(true)
  })

  it('that we deleted does not wait because a second DELETE was answered 404', () => {
    const lastSeen = seenAt(99_999)
    const twice = missed(deleted(NOTHING, 100_000), 100_010)
    expect(gone(listed(twice, 100_020), { lastSeen }).confirmed).toBe(true)
  })

  it('that somebody else seemed to have deleted, and that we deleted then, needs no settle time either', () => {
    const lastSeen = seenAt(99_000)
    expect(gone(listed(deleted(missed(NOTHING, 99_500), 100_000), 100_001), { lastSeen }).confirmed).toBe(
      true,
    )
  })

  it('is not gone through a key that may belong to another account', () => {
    expect(gone(listed(missed(NOTHING, 100_000), 200_000), { trusted: false }).confirmed).toBe(false)
    expect(gone(listed(deleted(NOTHING, 100_000), 200_000), { trusted: false }).confirmed).toBe(false)
  })

  it('is there again as soon as it is seen, and the 404 of before proves nothing any more', () => {
    const seen = withSink(missed(NOTHING, 100_000), SINK, { through: 'AC1', at: 100_001 })
    expect(gone(listed(seen, 100_000)).confirmed).toBe(false)
    expect(gone(listed(seen, 200_000)).confirmed).toBe(false)
  })

  it('is not gone because another one is', () => {
    const other = withoutSink(NOTHING, sid('b'), { answeredAt: 100_000, byOwnDelete: false })
    expect(gone(listed(other, 200_000)).confirmed).toBe(false)
  })
})

describe('a mark', () => {
  const ask = (snapshot: Snapshot, since = 0, by: Partial<AbsenceContext> = {}, above = 0) =>
    markAbsent(snapshot, { owner: OWNER, above, since }, context(by))

  it('is absent when a LIST that began late enough shows none', () => {
    expect(ask(listed(NOTHING, 50), 50)).toEqual({ confirmed: true, from: 50 })
    expect(ask(listed(NOTHING, 49), 50)).toEqual({ confirmed: false, from: 50 })
    expect(ask(listed(NOTHING, 60, [SINK]), 50).confirmed).toBe(false)
    expect(ask(NOTHING).confirmed).toBe(false)
  })

  it('with a number that has ended is no successor, and one above it is', () => {
    const second = observedSink({ sid: sid('b'), description: markedDescription('Orders', mark(2)) })
    expect(ask(listed(NOTHING, 60, [SINK]), 50, {}, 1).confirmed).toBe(true)
    expect(ask(listed(NOTHING, 60, [SINK, second]), 50, {}, 1).confirmed).toBe(false)
    expect(ask(listed(NOTHING, 60, [second]), 50, {}, 2).confirmed).toBe(true)
  })

  it('of another object says nothing', () => {
    const other = observedSink({
      description: markedDescription('Orders', mark(9, { object: 'zzzzzzzzzzzz' })),
    })
    expect(ask(listed(NOTHING, 60, [other]), 50).confirmed).toBe(true)
  })

  it('that was seen lately is not believed to be absent', () => {
    const lastSeen = seenAt(40_000)
    expect(ask(listed(NOTHING, 50_000), 0, { lastSeen })).toEqual({ confirmed: false, from: 40_000 + SETTLE })
    expect(ask(listed(NOTHING, 100_000), 0, { lastSeen }).confirmed).toBe(true)
    // What was seen lately is the recorded sink, whose number has ended.
    expect(ask(listed(NOTHING, 50_000), 0, { lastSeen }, 1).confirmed).toBe(true)
  })
})

describe('a mark on a sink that our own DELETE has taken away', () => {
  const lastSeen = seenAt(99_999)
  const ask = (snapshot: Snapshot) =>
    markAbsent(snapshot, { owner: OWNER, above: 0, since: 0 }, context({ lastSeen })).confirmed

  it('needs no settle time, but a LIST that began later', () => {
    expect(ask(listed(deleted(NOTHING, 100_000), 100_000))).toBe(false)
    expect(ask(listed(deleted(NOTHING, 100_000), 100_001))).toBe(true)
  })

  it('is waited for where somebody else has deleted the sink, or a LIST shows it again', () => {
    expect(ask(listed(missed(NOTHING, 100_000), 100_001))).toBe(false)
    const shown = listed(deleted(NOTHING, 100_000), 100_001, [SINK])
    expect(ask(listed(shown, 100_002))).toBe(false)
  })

  it('is waited for on another sink that was seen with it, too', () => {
    const both = seenAt(99_999)
    both.recordSeen(observedSink({ sid: sid('b') }), HISTORY_KEY, 99_999)
    const snapshot = listed(deleted(NOTHING, 100_000), 100_001)
    expect(
      markAbsent(snapshot, { owner: OWNER, above: 0, since: 0 }, context({ lastSeen: both })).confirmed,
    ).toBe(false)
  })
})

describe('LISTs', () => {
  it('of several pages count by two in a row, since a sink can slip between pages', () => {
    expect(listedSince([{ beganAt: 60, pages: 2 }], 50)).toBe(false)
    expect(
      listedSince(
        [
          { beganAt: 70, pages: 2 },
          { beganAt: 60, pages: 2 },
        ],
        50,
      ),
    ).toBe(true)
  })

  it('of several pages need both of the two late enough', () => {
    const lists = [
      { beganAt: 70, pages: 3 },
      { beganAt: 49, pages: 1 },
    ]
    expect(listedSince(lists, 50)).toBe(false)
    expect(listedSince(lists, 49)).toBe(true)
  })

  it('count from the moment on at which they began', () => {
    expect(listedSince([{ beganAt: 50, pages: 1 }], 50)).toBe(true)
    expect(listedSince([{ beganAt: 49, pages: 1 }], 50)).toBe(false)
    expect(listedSince([], 0)).toBe(false)
  })
})
