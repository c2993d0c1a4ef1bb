import { describe, expect, it } from 'vitest'
import { markedBy, showsItself, withList, withoutSink, withSink } from '../../../src/account/snapshot.ts'
import { markedDescription } from '../../../src/external/ownership-mark.ts'
import { observedSink, mark, OWNER, sid } from '../sink/observations.ts'
import { deleted, listed, missed, NOTHING, SINK } from './histories.ts'

const HOUR = 3_600_000
const other = observedSink({ sid: sid('b'), description: 'not ours' })

describe('a LIST', () => {
  it('is what the account holds: what it does not show is no longer there', () => {
    const after = listed(listed(NOTHING, 1, [SINK]), 2, [other])
    expect([...after.sinks.keys()]).toEqual([other.sid])
    expect(after.sinks.get(other.sid)).toEqual({ sink: other, mark: undefined, throughKey: true })
  })

  it('belongs to the account and the key of the snapshot', () => {
    expect(listed(NOTHING, 1)).toMatchObject({ accountSid: NOTHING.accountSid, key: NOTHING.key })
  })

  it('that began before a write of ours ended says nothing about that sink, in either direction', () => {
    const written = withSink(NOTHING, SINK, { through: 'AC1', at: 100 })
    expect(listed(written, 99).sinks.get(SINK.sid)?.sink).toBe(SINK)
    expect(listed(written, 100).sinks.has(SINK.sid)).toBe(true)
    expect(listed(written, 101).sinks.has(SINK.sid)).toBe(false)
    const gone = deleted(written, 200)
    expect(listed(gone, 199, [SINK]).sinks.has(SINK.sid)).toBe(false)
    expect(listed(gone, 200, [SINK]).sinks.has(SINK.sid)).toBe(false)
    expect(listed(gone, 201, [SINK]).sinks.has(SINK.sid)).toBe(true)
  })

  it('does not put back the words that we have written over since it began', () => {
    const rewritten = { ...SINK, description: markedDescription('New words', mark(1)) }
    expect(
      listed(withSink(NOTHING, rewritten, { through: 'AC1', at: 100 }), 99, [SINK]).sinks.get(SINK.sid)?.sink,
    ).toBe(rewritten)
  })

  it('says all about the other sinks, whatever was written meanwhile', () => {
    const before = withSink(listed(NOTHING, 1, [SINK, other]), SINK, { through: 'AC1', at: 100 })
    expect([...listed(before, 99, [SINK]).sinks.keys()]).toEqual([SINK.sid])
  })

  it('that began after a write makes that write history: the next older LIST is none', () => {
    const after = listed(withSink(NOTHING, SINK, { through: 'AC1', at: 100 }), 101, [SINK])
    expect(after.touched.size).toBe(0)
    expect(listed(withSink(NOTHING, SINK, { through: 'AC1', at: 100 }), 99).touched.size).toBe(1)
  })

  it('is remembered with the one before it, newest first, and no more', () => {
    const after = listed(listed(listed(NOTHING, 1), 2, [], 2), 3)
    expect(after.lists).toEqual([
      { beganAt: 3, pages: 1 },
      { beganAt: 2, pages: 2 },
    ])
  })

  it('brings the subscriptions with it, or that they are not known', () => {
    const used = new Map([[SINK.sid, ['DF1']]])
    const known = withList(NOTHING, [SINK], { beganAt: 1, pages: 1 }, used)
    expect(known.subscriptions).toBe(used)
    expect(withSink(known, SINK, { through: 'AC1', at: 2 }).subscriptions).toBe(used)
    expect(withList(known, [SINK], { beganAt: 2, pages: 1 }, undefined).subscriptions).toBeUndefined()
  })

  it('that shows the sink takes back the 404 of before; one that does not keeps it for an hour', () => {
    expect(listed(missed(NOTHING, 10), 11, [SINK]).absences.size).toBe(0)
    expect(listed(missed(NOTHING, 10), 11).absences.get(SINK.sid)?.answeredAt).toBe(10)
    expect(listed(missed(NOTHING, 10), 10 + HOUR - 1).absences.size).toBe(1)
    expect(listed(missed(NOTHING, 10), 10 + HOUR).absences.size).toBe(0)
  })
})

describe('an answer about one sink', () => {
  it('puts it in, and takes back the 404 of before', () => {
    const after = withSink(missed(NOTHING, 10), SINK, { through: 'AC1', at: 20 })
    expect(after.sinks.get(SINK.sid)).toEqual({ sink: SINK, mark: mark(1), throughKey: true })
    expect(after.absences.size).toBe(0)
    expect(after.touched.get(SINK.sid)).toBe(20)
  })

  it('to another key says nothing about this one, until a LIST through it shows the sink', () => {
    const told = withSink(NOTHING, SINK, { through: 'SK1', at: 100 })
    expect(told.sinks.has(SINK.sid)).toBe(true)
    expect(showsItself(told, SINK.sid)).toBe(false)
    expect(showsItself(listed(told, 99), SINK.sid)).toBe(false)
    // Its words are older than what was written, but the key shows the sink.
    expect(showsItself(listed(told, 99, [SINK]), SINK.sid)).toBe(true)
    expect(showsItself(withSink(told, SINK, { through: 'AC1', at: 101 }), SINK.sid)).toBe(true)
    expect(showsItself(withSink(listed(NOTHING, 1, [SINK]), SINK, { through: 'SK1', at: 2 }), SINK.sid)).toBe(
      true,
    )
  })

  it('takes it out, and leaves all others', () => {
    const after = missed(listed(NOTHING, 1, [SINK, other]), 10)
    expect([...after.sinks.keys()]).toEqual([other.sid])
    expect(after.touched.get(SINK.sid)).toBe(10)
  })

  it('counts from the first of several 404s on, else a proof would never be old enough', () => {
    expect(missed(missed(NOTHING, 10), 20).absences.get(SINK.sid)?.answeredAt).toBe(10)
  })

  it('is worth more as the answer to our own DELETE, before or after a 404', () => {
    const own = { answeredAt: 20, byOwnDelete: true }
    expect(deleted(missed(NOTHING, 10), 20).absences.get(SINK.sid)).toEqual(own)
    expect(missed(deleted(NOTHING, 20), 30).absences.get(SINK.sid)).toEqual(own)
    expect(deleted(deleted(NOTHING, 20), 30).absences.get(SINK.sid)).toEqual(own)
  })

  it('leaves the snapshot of before as it was, since a pass may still look at it', () => {
    const before = listed(NOTHING, 1, [SINK])
    const copy = structuredClone(before)
    withSink(before, other, { through: 'AC1', at: 2 })
    withoutSink(before, SINK.sid, { answeredAt: 2, byOwnDelete: true })
    listed(before, 3, [other])
    expect(before).toEqual(copy)
  })
})

it('finds the sinks with the mark of an object, whatever their number, and no others', () => {
  const second = observedSink({ sid: sid('c'), description: markedDescription('Orders', mark(2)) })
  const foreign = observedSink({
    sid: sid('d'),
    description: markedDescription('Orders', mark(1, { object: 'zzzzzzzzzzzz' })),
  })
  const elsewhere = observedSink({
    sid: sid('e'),
    description: markedDescription('Orders', mark(1, { installation: 'zzzzzz' })),
  })
  const found = markedBy(listed(NOTHING, 1, [SINK, other, second, foreign, elsewhere]), OWNER)
  expect(found).toEqual([
    { sink: SINK, mark: mark(1) },
    { sink: second, mark: mark(2) },
  ])
})
