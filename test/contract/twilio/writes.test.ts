import { describe, expect, it } from 'vitest'
import {
  hang,
  json,
  raw,
  resetAfterRead,
  startScriptedServer,
  twilioError,
} from '../../rigs/proxy/scripted-server.ts'
import {
  twilioAt,
  failureOf,
  inTime,
  never,
  deleteAt,
  sinkBody,
  CALLED_SINK,
  update,
} from './twilio-under-test.ts'

describe('delete', () => {
  it('succeeds on 204 only', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(raw(204, ''))
    await deleteAt(under.account, CALLED_SINK)
    expect(server.seen).toMatchObject([{ method: 'DELETE', url: `/v1/Sinks/${CALLED_SINK}`, body: '' }])
    for (const reply of [json(200, {}), raw(200, 'ok'), raw(202, ''), raw(302, '')]) {
      server.script(reply)
      expect((await failureOf(deleteAt(under.account, CALLED_SINK))).kind).toBe('transient')
    }
  })

  it('is repeated after a lost answer, and then says what it finds', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(resetAfterRead, twilioError(404, 20404))
    expect((await failureOf(deleteAt(under.account, CALLED_SINK))).kind).toBe('not-found')
    expect(server.seen).toHaveLength(2)
  })

  it('stays in doubt when leave is gone before the repeat', async () => {
    await using server = await startScriptedServer()
    let may = true
    await using under = twilioAt(server.url, { mayMutate: () => may })
    server.script((...parts) => {
      may = false
      return resetAfterRead(...parts)
    })
    expect((await failureOf(deleteAt(under.account, CALLED_SINK))).kind).toBe('transient')
    expect(server.seen).toHaveLength(1)
  })

  it('stays in doubt when the client is closed before the repeat', async () => {
    await using server = await startScriptedServer()
    const under = twilioAt(server.url, { pause: () => under.twilio.close() })
    server.script(resetAfterRead)
    expect((await failureOf(deleteAt(under.account, CALLED_SINK))).kind).toBe('transient')
    expect(server.seen).toHaveLength(1)
  })

  it('stays in doubt when the repeat is throttled', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(resetAfterRead, twilioError(429, 20429))
    expect((await failureOf(deleteAt(under.account, CALLED_SINK))).kind).toBe('transient')
  })

  it.each([400, 409])('says that a subscription uses the sink, also with status %i', async (status) => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(twilioError(status, 91007))
    expect(await failureOf(deleteAt(under.account, CALLED_SINK))).toMatchObject({
      kind: 'in-use',
      code: 91007,
    })
    expect(server.seen).toHaveLength(1)
  })
})

describe('update of a description', () => {
  it('sends the description and nothing else', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(json(200, sinkBody({ description: 'a=b&c ü' })))
    expect((await update(under.account, CALLED_SINK, 'a=b&c ü')).description).toBe('a=b&c ü')
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: `/v1/Sinks/${CALLED_SINK}` })
    expect([...new URLSearchParams(server.seen[0]?.body)]).toEqual([['Description', 'a=b&c ü']])
  })

  it.each([
    ['a reset', resetAfterRead],
    ['no answer', hang],
    ['a 500', twilioError(500, 20500)],
    ['HTML', raw(200, '<html>')],
  ])('is left to the work queue after %s', async (_name, reply) => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(reply)
    expect((await failureOf(update(under.account, CALLED_SINK, 'x'))).kind).toBe('transient')
    expect(server.seen).toHaveLength(1)
  })
})

describe('a change that follows from a look', () => {
  const CHANGES: [string, (...parts: Parameters<typeof deleteAt>) => Promise<unknown>][] = [
    ['DELETE', deleteAt],
    ['update', (account, sid, notAfter) => update(account, sid, 'x', notAfter)],
  ]

  it.each(CHANGES)('is not sent as %s once the look is too old', async (_name, change) => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    for (const late of [{ monotonic: -1 }, { wall: 0 }]) {
      const failure = await failureOf(change(under.account, CALLED_SINK, { ...inTime(60_000), ...late }))
      expect(failure.kind).toBe('not-sent')
    }
    expect(server.seen).toHaveLength(0)
  })

  it.each(CHANGES)(
    'does not wait as %s for the end of a pause that comes too late',
    async (_name, change) => {
      await using server = await startScriptedServer()
      await using under = twilioAt(server.url)
      server.script(raw(429, '', { 'retry-after': '20' }))
      const failure = await failureOf(change(under.account, CALLED_SINK, inTime(15_000)))
      expect(failure).toMatchObject({ kind: 'rate-limited' })
      expect(failure.retryAfterMs).toBeGreaterThan(15_000)
      expect(server.seen).toHaveLength(1)
    },
  )

  it('is not sent when the client was closed since', async () => {
    await using server = await startScriptedServer()
    const under = twilioAt(server.url)
    server.script(json(200, sinkBody()), raw(204, ''))
    const changed = under.account.writes.withChangeSlot(async (change) => {
      await change.fetchSink(CALLED_SINK)
      await under.twilio.close()
      await change.deleteSink(CALLED_SINK, never)
    })
    expect((await failureOf(changed)).kind).toBe('not-sent')
    expect(server.seen.map(({ method }) => method)).toEqual(['GET'])
  })

  it('is in doubt when its DELETE was sent and there is no time to send it again', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    const notAfter = { ...inTime(60_000) }
    server.script((...parts) => {
      notAfter.monotonic = -1
      return resetAfterRead(...parts)
    })
    expect((await failureOf(deleteAt(under.account, CALLED_SINK, notAfter))).kind).toBe('transient')
    expect(server.seen).toHaveLength(1)
  })
})

describe('test and validate', () => {
  it("give Twilio's word", async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(json(201, { result: 'submitted' }), json(201, { result: 'valid' }))
    expect(await under.account.probe.sendTest(CALLED_SINK)).toBe('submitted')
    expect(await under.account.probe.validate(CALLED_SINK, 'an-id')).toBe('valid')
    expect(server.seen).toMatchObject([
      { method: 'POST', url: `/v1/Sinks/${CALLED_SINK}/Test`, body: '' },
      { method: 'POST', url: `/v1/Sinks/${CALLED_SINK}/Validate`, body: 'TestId=an-id' },
    ])
  })
})
