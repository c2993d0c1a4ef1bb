import { describe, expect, it } from 'vitest'
import { hang, json, raw, reset, startScriptedServer, twilioError } from '../../proxy/scripted-server.ts'
import {
  connectTo,
  failureOf,
  inTime,
  never,
  remove,
  sinkBody,
  SINK_SID,
  update,
} from './twilio-under-test.ts'

describe('delete', () => {
  it('succeeds on 204 only', async () => {
    await using server = await startScriptedServer()
    await using under = connectTo(server.url)
    server.script(raw(204, ''))
    await remove(under.account, SINK_SID)
    expect(server.seen).toMatchObject([{ method: 'DELETE', url: `/v1/Sinks/${SINK_SID}`, body: '' }])
    for (const reply of [json(200, {}), raw(200, 'ok'), raw(202, ''), raw(302, '')]) {
      server.script(reply)
      expect((await failureOf(remove(under.account, SINK_SID))).kind).toBe('transient')
    }
  })

  it('is repeated after a lost answer, and then says what it finds', async () => {
    await using server = await startScriptedServer()
    await using under = connectTo(server.url)
    server.script(reset, twilioError(404, 20404))
    expect((await failureOf(remove(under.account, SINK_SID))).kind).toBe('not-found')
    expect(server.seen).toHaveLength(2)
  })

  it('stays in doubt when leave is gone before the repeat', async () => {
    await using server = await startScriptedServer()
    let may = true
    await using under = connectTo(server.url, { mayMutate: () => may })
    server.script((...parts) => {
      may = false
      return reset(...parts)
    })
    expect((await failureOf(remove(under.account, SINK_SID))).kind).toBe('transient')
    expect(server.seen).toHaveLength(1)
  })

  it('stays in doubt when the client is closed before the repeat', async () => {
    await using server = await startScriptedServer()
    await using under = connectTo(server.url, { sleep: () => Promise.reject(new Error('closed')) })
    server.script(reset)
    expect((await failureOf(remove(under.account, SINK_SID))).kind).toBe('transient')
    expect(server.seen).toHaveLength(1)
  })

  it('stays in doubt when the repeat is throttled', async () => {
    await using server = await startScriptedServer()
    await using under = connectTo(server.url)
    server.script(reset, twilioError(429, 20429))
    expect((await failureOf(remove(under.account, SINK_SID))).kind).toBe('transient')
  })

  it.each([400, 409])('says that a subscription uses the sink, also with status %i', async (status) => {
    await using server = await startScriptedServer()
    await using under = connectTo(server.url)
    server.script(twilioError(status, 91007))
    expect(await failureOf(remove(under.account, SINK_SID))).toMatchObject({
      kind: 'in-use',
      code: 91007,
    })
    expect(server.seen).toHaveLength(1)
  })
})

describe('update of a description', () => {
  it('sends the description and nothing else', async () => {
    await using server = await startScriptedServer()
    await using under = connectTo(server.url)
    server.script(json(200, sinkBody({ description: 'a=b&c ü' })))
    expect((await update(under.account, SINK_SID, 'a=b&c ü')).description).toBe('a=b&c ü')
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: `/v1/Sinks/${SINK_SID}` })
    expect([...new URLSearchParams(server.seen[0]?.body)]).toEqual([['Description', 'a=b&c ü']])
  })

  it.each([
    ['a reset', reset],
    ['no answer', hang],
    ['a 500', twilioError(500, 20500)],
    ['HTML', raw(200, '<html>')],
  ])('is left to the work queue after %s', async (_name, reply) => {
    await using server = await startScriptedServer()
    await using under = connectTo(server.url)
    server.script(reply)
    expect((await failureOf(update(under.account, SINK_SID, 'x'))).kind).toBe('transient')
    expect(server.seen).toHaveLength(1)
  })
})

describe('a change that follows from a look', () => {
  const CHANGES: [string, (...parts: Parameters<typeof remove>) => Promise<unknown>][] = [
    ['DELETE', remove],
    ['update', (account, sid, notAfter) => update(account, sid, 'x', notAfter)],
  ]

  it.each(CHANGES)('is not sent as %s once the look is too old', async (_name, change) => {
    await using server = await startScriptedServer()
    await using under = connectTo(server.url)
    for (const late of [{ monotonic: -1 }, { wall: 0 }]) {
      const failure = await failureOf(change(under.account, SINK_SID, { ...inTime(60_000), ...late }))
      expect(failure.kind).toBe('not-sent')
    }
    expect(server.seen).toHaveLength(0)
  })

  it.each(CHANGES)(
    'does not wait as %s for the end of a pause that comes too late',
    async (_name, change) => {
      await using server = await startScriptedServer()
      await using under = connectTo(server.url)
      server.script(raw(429, '', { 'retry-after': '20' }))
      const failure = await failureOf(change(under.account, SINK_SID, inTime(15_000)))
      expect(failure).toMatchObject({ kind: 'rate-limited' })
      expect(failure.retryAfterMs).toBeGreaterThan(15_000)
      expect(server.seen).toHaveLength(1)
    },
  )

  it('is not sent when the client was closed since', async () => {
    await using server = await startScriptedServer()
    const under = connectTo(server.url)
    server.script(json(200, sinkBody()), raw(204, ''))
    const changed = under.account.writes.withChangeSlot(async (change) => {
      await change.fetchSink(SINK_SID)
      await under.twilio.close()
      await change.deleteSink(SINK_SID, never)
    })
    expect((await failureOf(changed)).kind).toBe('not-sent')
    expect(server.seen.map(({ method }) => method)).toEqual(['GET'])
  })

  it('is in doubt when its DELETE was sent and there is no time to send it again', async () => {
    await using server = await startScriptedServer()
    await using under = connectTo(server.url)
    const notAfter = { ...inTime(60_000) }
    server.script((...parts) => {
      notAfter.monotonic = -1
      return reset(...parts)
    })
    expect((await failureOf(remove(under.account, SINK_SID, notAfter))).kind).toBe('transient')
    expect(server.seen).toHaveLength(1)
  })
})

describe('test and validate', () => {
  it("give Twilio's word", async () => {
    await using server = await startScriptedServer()
    await using under = connectTo(server.url)
    server.script(json(201, { result: 'submitted' }), json(201, { result: 'valid' }))
    expect(await under.account.probe.sendTest(SINK_SID)).toBe('submitted')
    expect(await under.account.probe.validate(SINK_SID, 'an-id')).toBe('valid')
    expect(server.seen).toMatchObject([
      { method: 'POST', url: `/v1/Sinks/${SINK_SID}/Test`, body: '' },
      { method: 'POST', url: `/v1/Sinks/${SINK_SID}/Validate`, body: 'TestId=an-id' },
    ])
  })
})
