import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import {
  hang,
  json,
  raw,
  resetAfterRead,
  startScriptedServer,
  twilioError,
  type ScriptedReply,
} from '../../rigs/proxy/scripted-server.ts'
import {
  accountOf,
  CALLING_SID,
  twilioAt,
  create,
  CREDENTIAL,
  failureOf,
  never,
  NEW_SINK,
  sinkBody,
  CALLED_SINK,
} from './twilio-under-test.ts'

const slowly: ScriptedReply = async (...parts) => {
  await wait(20)
  await json(200, sinkBody())(...parts)
}

/** For a request to arrive. */
const ARRIVES = { timeout: 10_000, interval: 5 }

describe('calls in flight', () => {
  it('are limited by account, whatever connection they come from', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url, { maxCallsPerAccount: 3 })
    server.script(slowly)
    const second = under.twilio.connect(accountOf('other/object', CALLING_SID), CREDENTIAL)
    const calls = Array.from({ length: 20 }, (_one, number) =>
      (number % 2 === 0 ? under.account : second).fetchSink(CALLED_SINK),
    )
    await Promise.all(calls)
    expect(server.seen).toHaveLength(20)
    expect(server.mostAtOnce()).toBe(3)
    expect([...under.twilio.inFlight()], 'who has none is not kept').toEqual([])
  })

  it('follow a key when it turns out to be of the same account as another', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url, { maxCallsPerAccount: 1 })
    let group = 'unknown'
    const second = under.twilio.connect({ ...accountOf('b', CALLING_SID), limits: () => group }, CREDENTIAL)
    server.script(raw(429, '', { 'retry-after': '60' }), json(200, sinkBody()))
    await failureOf(under.account.fetchSink(CALLED_SINK))
    expect((await second.fetchSink(CALLED_SINK)).sid).toBe(CALLED_SINK)
    group = CALLING_SID
    expect((await failureOf(second.fetchSink(CALLED_SINK))).kind).toBe('rate-limited')
  })

  it('of one account do not hold up another', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url, { maxCallsPerAccount: 1 })
    const other = under.twilio.connect(accountOf('b', `AC${'b'.repeat(32)}`), CREDENTIAL)
    server.script(hang, json(200, sinkBody()))
    const held = failureOf(under.account.fetchSink(CALLED_SINK))
    await vi.waitFor(() => expect(server.seen).toHaveLength(1), ARRIVES)
    expect((await other.fetchSink(CALLED_SINK)).sid).toBe(CALLED_SINK)
    expect((await held).kind).toBe('transient')
  })

  it('counts a create from its slot on, its claim included', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url, { maxCallsPerAccount: 1 })
    server.script(json(200, sinkBody()))
    const order: string[] = []
    const slot = under.account.writes.withCreateSlot(async () => {
      await wait(30)
      order.push('claimed')
    })
    const fetching = under.account.fetchSink(CALLED_SINK).then(() => order.push('fetched'))
    await Promise.all([slot, fetching])
    expect(order).toEqual(['claimed', 'fetched'])
  })

  it('lets nothing between the look at a sink and its change', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url, { maxCallsPerAccount: 1 })
    server.script(json(200, sinkBody()), raw(204, ''), json(200, sinkBody()))
    const changed = under.account.writes.withChangeSlot(async (change) => {
      await change.fetchSink(CALLED_SINK)
      await wait(30)
      await change.deleteSink(CALLED_SINK, never)
    })
    await Promise.all([changed, under.account.fetchSink(CALLED_SINK)])
    expect(server.seen.map(({ method }) => method)).toEqual(['GET', 'DELETE', 'GET'])
  })

  it('are given back after every way to fail', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url, { maxCallsPerAccount: 1, callTimeoutMs: 1_000 })
    for (const reply of [
      resetAfterRead,
      hang,
      raw(500, ''),
      twilioError(401, 20003),
      twilioError(429, 20429),
    ]) {
      server.script(reply)
      await failureOf(create(under.account))
    }
    await expect(
      under.account.writes.withCreateSlot(() => Promise.reject(new Error('claim'))),
    ).rejects.toThrow('claim')
    server.script(json(200, sinkBody()))
    expect((await under.account.fetchSink(CALLED_SINK)).sid).toBe(CALLED_SINK)
  })
})

describe('429', () => {
  it('backs off longer each time, at most four requests a call', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(twilioError(429, 20429))
    const failure = await failureOf(under.account.fetchSink(CALLED_SINK))
    expect(failure).toMatchObject({ kind: 'rate-limited', code: 20429, status: 429 })
    expect(failure.retryAfterMs).toBeGreaterThan(0)
    expect(server.seen).toHaveLength(4)
    expect(under.waited[0]).toBeGreaterThanOrEqual(500)
    expect([...under.waited].sort((a, b) => a - b)).toEqual(under.waited)
    expect(under.observed.filter(({ throttled }) => throttled)).toHaveLength(4)
  })

  it('waits as long as Retry-After says', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(raw(429, '', { 'retry-after': '7' }), json(200, sinkBody()))
    await under.account.fetchSink(CALLED_SINK)
    expect(under.waited.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(7_000)
  })

  it('does not hold a pass longer than half a minute, and caps what it is told', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(raw(429, '', { 'retry-after': '86400' }))
    const failure = await failureOf(under.account.fetchSink(CALLED_SINK))
    expect(failure.kind).toBe('rate-limited')
    expect(failure.retryAfterMs).toBeGreaterThan(290_000)
    expect(failure.retryAfterMs).toBeLessThanOrEqual(300_000)
    expect(under.waited).toEqual([])
  })

  it('pauses all calls of the account, which then need not ask Twilio', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(raw(429, '', { 'retry-after': '60' }), json(200, sinkBody()))
    await failureOf(under.account.fetchSink(CALLED_SINK))
    const second = await failureOf(create(under.account))
    expect(second).toMatchObject({ kind: 'rate-limited' })
    expect(second.retryAfterMs).toBeGreaterThan(40_000)
    expect(server.seen).toHaveLength(1)
    const other = under.twilio.connect(accountOf('b', `AC${'b'.repeat(32)}`), CREDENTIAL)
    expect((await other.fetchSink(CALLED_SINK)).sid).toBe(CALLED_SINK)
  })
})

describe('close', () => {
  it('lets a write finish, gives up reads and turns away what waits', async () => {
    await using server = await startScriptedServer()
    const under = twilioAt(server.url, { maxCallsPerAccount: 2, callTimeoutMs: 20_000 })
    server.script(async (seen, response, socket) => {
      if (seen.method === 'GET') return
      await wait(100)
      await json(201, sinkBody())(seen, response, socket)
    })
    const writing = create(under.account)
    const reading = failureOf(under.account.fetchSink(CALLED_SINK))
    const waiting = failureOf(under.account.fetchSink(CALLED_SINK))
    await vi.waitFor(() => expect(server.seen).toHaveLength(2), ARRIVES)
    await under.twilio.close()
    expect((await writing).sid).toBe(CALLED_SINK)
    expect(['transient', 'not-sent']).toContain((await reading).kind)
    expect((await waiting).kind).toBe('not-sent')
    expect((await failureOf(create(under.account))).kind).toBe('not-sent')
  })
})

describe('the end of the process', () => {
  it('gives up at once what waits for a slot or a pause, and what reads, and lets a write finish', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url, { maxCallsPerAccount: 2, callTimeoutMs: 20_000 })
    server.script(async (seen, response, socket) => {
      if (seen.method === 'GET') return
      await wait(200)
      await json(201, sinkBody())(seen, response, socket)
    })
    const writing = create(under.account)
    const reading = failureOf(under.account.listSinks())
    await vi.waitFor(() => expect(server.seen).toHaveLength(2), ARRIVES)
    const waiting = failureOf(create(under.account))
    const began = performance.now()
    under.twilio.endReads()
    for (const failure of [await reading, await waiting])
      expect(failure).toMatchObject({ kind: 'not-sent', givenUp: true })
    expect(performance.now() - began, 'long before the write').toBeLessThan(150)
    expect((await writing).sid).toBe(CALLED_SINK)
    expect(await failureOf(under.account.fetchSink(CALLED_SINK))).toMatchObject({ givenUp: true })
  })

  it('ends the wait for a pause that Twilio has asked for', async () => {
    await using server = await startScriptedServer()
    const pause = (ms: number, signal: AbortSignal) => wait(ms, undefined, { signal }).catch(() => undefined)
    await using under = twilioAt(server.url, { pause })
    server.script(raw(429, '', { 'retry-after': '20' }))
    const listing = failureOf(under.account.listSinks())
    await vi.waitFor(() => expect(server.seen).toHaveLength(1), ARRIVES)
    const waiting = failureOf(create(under.account))
    const began = performance.now()
    under.twilio.endReads()
    expect(await listing).toMatchObject({ kind: 'not-sent', givenUp: true })
    expect(await waiting).toMatchObject({ kind: 'not-sent', givenUp: true })
    expect(performance.now() - began).toBeLessThan(1_000)
  })

  it('lets the change go on that nobody else would make', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(json(200, sinkBody()), raw(204, ''))
    under.twilio.endReads()
    await under.account.writes.withChangeSlot(async (change) => {
      await change.fetchSink(CALLED_SINK)
      await change.deleteSink(CALLED_SINK, never)
    }, true)
    expect(server.seen.map(({ method }) => method)).toEqual(['GET', 'DELETE'])
  })

  it('sends a create that has its slot and its journal', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(json(201, sinkBody()))
    const made = under.account.writes.withCreateSlot(async (post) => {
      under.twilio.endReads()
      return post(NEW_SINK, never)
    })
    expect((await made).sid).toBe(CALLED_SINK)
  })
})
