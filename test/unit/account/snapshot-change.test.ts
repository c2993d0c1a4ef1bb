import { describe, expect, it } from 'vitest'
import { changeBetween, withList, withSink, type Snapshot } from '../../../src/account/snapshot.ts'
import type { ExternalSink } from '../../../src/external/external-sink.ts'
import { markedDescription } from '../../../src/external/ownership-mark.ts'
import { observedSink, mark, OWNER, otherConfiguration, sid } from '../sink/observations.ts'
import { listed, missed, NOTHING, SINK } from './histories.ts'

const other = observedSink({ sid: sid('b'), description: 'not ours' })
const before = listed(NOTHING, 1, [SINK, other])
const changed = (from: Snapshot | undefined, to: Snapshot): string[] => [...changeBetween(from, to).sids]

describe('between two snapshots', () => {
  it('nothing has changed when Twilio says the same again, so that no Sink gets a pass', () => {
    const again = listed(before, 2, [structuredClone(other), structuredClone(SINK)])
    expect(changeBetween(before, again)).toEqual({ sids: new Set(), objects: new Set() })
  })

  it.each<[what: string, by: Partial<ExternalSink>]>([
    ['status', { status: 'failed' }],
    ['description', { description: markedDescription('New words', mark(1)) }],
    ['configuration', { configuration: otherConfiguration }],
    ['type', { sinkType: 'kinesis' }],
    ['date', { dateUpdated: '2026-11-24T12:00:00Z' }],
  ])('another %s is a change of that sink alone, told by SID and by the object of its mark', (_, by) => {
    const change = changeBetween(before, listed(before, 2, [{ ...SINK, ...by }, other]))
    expect([...change.sids]).toEqual([SINK.sid])
    expect([...change.objects]).toEqual([OWNER.object])
  })

  it('what came and what went has changed, whether a LIST or an answer told it', () => {
    expect(changed(before, listed(before, 2, [SINK]))).toEqual([other.sid])
    expect(changed(before, missed(before, 2))).toEqual([SINK.sid])
    const young = observedSink({ sid: sid('c') })
    expect(changed(before, withSink(before, young, { through: 'AC1', at: 2 }))).toEqual([young.sid])
  })

  it('both objects are told where a mark went from one to the other', () => {
    const taken = { ...SINK, description: markedDescription('Orders', mark(1, { object: 'zzzzzzzzzzzz' })) }
    const { objects } = changeBetween(before, listed(before, 2, [taken, other]))
    expect([...objects].sort()).toEqual([OWNER.object, 'zzzzzzzzzzzz'].sort())
  })

  it('everything has changed where there was nothing before', () => {
    expect(changed(undefined, before)).toEqual([SINK.sid, other.sid])
    expect(changed(undefined, NOTHING)).toEqual([])
  })
})

describe('subscriptions', () => {
  const used = (subscriptions: Snapshot['subscriptions'], beganAt = 4) =>
    withList(before, [SINK, other], { beganAt, pages: 1 }, subscriptions)

  it('that begin or end to use a sink change that sink', () => {
    const one = used(new Map([[other.sid, ['DF1']]]))
    expect(changed(before, one)).toEqual([other.sid])
    expect(changed(one, before)).toEqual([other.sid])
    expect(changed(one, used(new Map([[other.sid, ['DF2']]])))).toEqual([other.sid])
  })

  it('change every sink when they begin or cease to be known', () => {
    expect(changed(before, used(undefined))).toEqual([SINK.sid, other.sid])
    expect(changed(used(undefined), before)).toEqual([SINK.sid, other.sid])
    expect(changed(used(undefined), used(undefined, 5))).toEqual([])
  })

  it('that use no sink are the same as none', () => {
    expect(changed(before, used(new Map([[other.sid, []]])))).toEqual([])
  })
})
