import { describe, expect, it } from 'vitest'
import { markAbsent, sinkGone, type ProofContext } from '../../../src/account/absence.ts'
import { createSightLog } from '../../../src/account/sight-log.ts'
import {
  emptySnapshot,
  withList,
  withoutSink,
  withSink,
  type Snapshot,
} from '../../../src/account/snapshot.ts'
import { changeBetween } from '../../../src/account/snapshot-change.ts'
import { readCredential } from '../../../src/account/credential.ts'
import { isProvenKey } from '../../../src/account/proven-key.ts'
import { external, OWNER, sid } from '../sink/observations.ts'

const SETTLE = 60_000
const sink = external()
const context = (by: Partial<ProofContext> = {}): ProofContext => ({
  sights: createSightLog(),
  settle: SETTLE,
  leadingSince: 0,
  believed: true,
  ...by,
})
const listed = (before: Snapshot, beganAt: number, sinks = [] as (typeof sink)[], pages = 1) =>
  withList(before, sinks, { beganAt, pages }, new Map())
const empty = emptySnapshot('AC1', 'AC1')

describe('a recorded sink', () => {
  const missed = (at: number, byOwnDelete = false) =>
    withoutSink(empty, sink.sid, { answeredAt: at, byOwnDelete })

  it("is gone after Twilio's 404 and a LIST that begins a settle time after the last sight", () => {
    const sights = createSightLog()
    sights.saw(sink, 10_000)
    expect(sinkGone(listed(missed(100_000), 100_001), sink.sid, context({ sights })).proven).toBe(true)
  })

  it('is not gone by a LIST alone, nor by a 404 alone: each can be wrong', () => {
    expect(sinkGone(listed(empty, 200_000), sink.sid, context()).proven).toBe(false)
    expect(sinkGone(missed(100_000), sink.sid, context()).proven).toBe(false)
  })

  it('is not gone by proof gathered within the settle time, however long one waits', () => {
    const sights = createSightLog()
    sights.saw(sink, 90_000)
    const early = listed(missed(100_000), 100_001)
    expect(sinkGone(early, sink.sid, context({ sights }))).toEqual({ proven: false, from: 90_000 + SETTLE })
    expect(sinkGone(listed(early, 90_001 + SETTLE), sink.sid, context({ sights })).proven).toBe(true)
  })

  it('needs no settle time after our own DELETE, but a LIST that began later', () => {
    const sights = createSightLog()
    sights.saw(sink, 99_999)
    expect(sinkGone(listed(missed(100_000, true), 99_999), sink.sid, context({ sights })).proven).toBe(false)
    expect(sinkGone(listed(missed(100_000, true), 100_001), sink.sid, context({ sights })).proven).toBe(true)
  })

  it('is not gone through a key that may belong to another account', () => {
    expect(sinkGone(listed(missed(100_000), 200_000), sink.sid, context({ believed: false })).proven).toBe(
      false,
    )
  })

  it('is there again as soon as it is seen', () => {
    const seen = withSink(missed(100_000), sink, 100_001)
    expect(sinkGone(listed(seen, 100_000), sink.sid, context()).proven).toBe(false)
    expect(listed(seen, 100_000).sinks.has(sink.sid)).toBe(true)
  })
})

describe('a mark', () => {
  const ask = (snapshot: Snapshot, since = 0, by: Partial<ProofContext> = {}) =>
    markAbsent(snapshot, { owner: OWNER, above: 0, since }, context(by))

  it('is absent when a LIST that began late enough shows none', () => {
    expect(ask(listed(empty, 50), 50).proven).toBe(true)
    expect(ask(listed(empty, 49), 50).proven).toBe(false)
    expect(ask(listed(empty, 60, [sink]), 50).proven).toBe(false)
  })

  it('needs two LISTs in a row where one took several pages, since a sink can slip between pages', () => {
    const once = listed(empty, 60, [], 2)
    expect(ask(once, 50).proven).toBe(false)
    expect(ask(listed(once, 70, [], 2), 50).proven).toBe(true)
  })

  it('that was seen lately is not believed to be absent', () => {
    const sights = createSightLog()
    sights.saw(sink, 40_000)
    expect(ask(listed(empty, 50_000), 0, { sights })).toEqual({ proven: false, from: 40_000 + SETTLE })
    expect(ask(listed(empty, 100_000), 0, { sights }).proven).toBe(true)
  })
})

describe('a snapshot', () => {
  it('keeps what was written after a LIST began: that LIST says nothing about it', () => {
    const written = withSink(empty, sink, 100)
    expect(listed(written, 99).sinks.has(sink.sid)).toBe(true)
    expect(listed(written, 101).sinks.has(sink.sid)).toBe(false)
    const deleted = withoutSink(written, sink.sid, { answeredAt: 200, byOwnDelete: true })
    expect(listed(deleted, 150, [sink]).sinks.has(sink.sid)).toBe(false)
  })

  it('tells just the sinks that changed, by SID and by the object of their mark', () => {
    const other = external({ sid: sid('b'), description: 'not ours' })
    const before = listed(empty, 1, [sink, other])
    const after = listed(before, 2, [{ ...sink, status: 'failed' }, other])
    const change = changeBetween(before, after)
    expect([...change.sids]).toEqual([sink.sid])
    expect([...change.objects]).toEqual([OWNER.object])
    expect(changeBetween(before, listed(before, 3, [sink, other])).sids.size).toBe(0)
    const used = withList(before, [sink, other], { beganAt: 4, pages: 1 }, new Map([[other.sid, ['DF1']]]))
    expect([...changeBetween(before, used).sids]).toEqual([other.sid])
  })
})

describe('credentials', () => {
  const read = (values: Record<string, string>) =>
    readCredential('AC1', 'twilio', new Map(Object.entries(values)))
  const key = `SK${'1'.repeat(32)}`

  it('are a key with its secret, or the auth token of the account', () => {
    expect(read({ TWILIO_AUTH_TOKEN: 't' })).toMatchObject({
      kind: 'credential',
      username: 'AC1',
      password: 't',
    })
    expect(read({ TWILIO_AUTH_TOKEN: 't', TWILIO_API_KEY: key, TWILIO_API_SECRET: 's' })).toMatchObject({
      username: key,
    })
  })

  it.each([
    [{}],
    [{ TWILIO_API_KEY: key }],
    [{ TWILIO_API_SECRET: 'canary' }],
    [{ TWILIO_API_KEY: 'canary', TWILIO_API_SECRET: 'canary' }],
  ])('that are incomplete or malformed are told without a value: %#', (values) => {
    const reading = read(values)
    expect(reading.kind).toBe('invalid')
    expect(JSON.stringify(reading)).not.toContain('canary')
  })

  it('by key are proven only by what they show of the account', () => {
    const seen = listed(emptySnapshot('AC1', key), 1, [sink])
    const evidence = {
      listedSids: new Set([sink.sid]),
      provenKey: undefined,
      recordedSids: [],
      subscriptionAccounts: new Set<string>(),
    }
    expect(isProvenKey(seen, evidence)).toBe(false)
    expect(isProvenKey(seen, { ...evidence, recordedSids: [sink.sid] })).toBe(true)
    // What the key before wrote is in the snapshot too, and proves nothing of this one.
    expect(isProvenKey(seen, { ...evidence, listedSids: new Set(), recordedSids: [sink.sid] })).toBe(false)
    expect(isProvenKey(seen, { ...evidence, subscriptionAccounts: new Set(['AC1']) })).toBe(true)
    expect(isProvenKey(seen, { ...evidence, provenKey: key })).toBe(true)
    expect(isProvenKey({ ...seen, key: 'AC1' }, evidence)).toBe(true)
  })
})
