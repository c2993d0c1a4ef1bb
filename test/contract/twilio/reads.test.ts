import { describe, expect, it } from 'vitest'
import {
  half,
  hang,
  json,
  raw,
  resetAfterRead,
  startScriptedServer,
  twilioError,
  type ScriptedReply,
} from '../../rigs/proxy/scripted-server.ts'
import {
  CALLING_SID,
  twilioAt,
  failureOf,
  sinkPage,
  deleteAt,
  numberedSid,
  sinkBody,
  CALLED_SINK,
} from './twilio-under-test.ts'

const fetched = json(200, sinkBody())

describe('fetch', () => {
  const provesNothing: Record<string, ScriptedReply> = {
    'a reset': resetAfterRead,
    'a 500': twilioError(500, 20500),
    'a 503 in HTML': raw(503, '<html>'),
    'a 200 in HTML': raw(200, '<html>'),
    'half an answer': half(200, '{"sid":'),
    'half JSON': raw(200, '{"sid":'),
    'a 404 without code': raw(404, '<html>Not Found</html>'),
    'a 404 with another code': twilioError(404, 99999),
    'a 404 whose JSON is not of Twilio': json(404, { message: 'no route' }),
    'a redirect': raw(302, '', { location: 'http://127.0.0.1:1/' }),
    'a huge answer': json(200, sinkBody({ description: 'x'.repeat(300_000) })),
    'the answer about another sink': json(200, sinkBody({ sid: numberedSid(7) })),
  }
  it.each(Object.entries(provesNothing))(
    'is tried three times after %s, which proves nothing',
    async (_name, reply) => {
      await using server = await startScriptedServer()
      await using under = twilioAt(server.url)
      server.script(reply)
      const failure = await failureOf(under.account.fetchSink(CALLED_SINK))
      expect(failure.kind).toBe('transient')
      expect(server.seen).toHaveLength(3)
      server.script(reply, fetched)
      expect((await under.account.fetchSink(CALLED_SINK)).sid).toBe(CALLED_SINK)
    },
  )

  it('is not repeated when it took the whole call timeout, so that a pass ends', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url, { callTimeoutMs: 1_000 })
    server.script(hang)
    expect((await failureOf(under.account.fetchSink(CALLED_SINK))).kind).toBe('transient')
    expect(server.seen).toHaveLength(1)
  })

  it('counts the body into the call timeout', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url, { callTimeoutMs: 1_000 })
    server.script((_seen, response) => void response.writeHead(200).write('{'))
    expect((await failureOf(under.account.fetchSink(CALLED_SINK))).kind).toBe('transient')
  })

  it.each([20404, 91001])('says not-found for code %i with status 404, at once', async (code) => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(twilioError(404, code))
    expect(await failureOf(under.account.fetchSink(CALLED_SINK))).toMatchObject({
      kind: 'not-found',
      code,
      status: 404,
    })
    expect(server.seen).toHaveLength(1)
  })

  it('keeps words that it does not know, and survives nulls', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    const odd = {
      status: 'paused',
      sink_type: 'email',
      description: null,
      sink_configuration: null,
      url: null,
    }
    server.script(json(200, sinkBody(odd)), json(200, sinkBody({ status: null })))
    expect(await under.account.fetchSink(CALLED_SINK)).toMatchObject({
      status: 'paused',
      sinkType: 'email',
      description: '',
      configuration: {},
      url: `${server.url}/v1/Sinks/${CALLED_SINK}`,
    })
    expect((await under.account.fetchSink(CALLED_SINK)).status).toBe('')
  })

  it.each(['', '..', 'DG1', `${CALLED_SINK}/Test`, `${CALLED_SINK}?x`])(
    'never puts %j into a path',
    async (sid) => {
      await using server = await startScriptedServer()
      await using under = twilioAt(server.url)
      expect((await failureOf(under.account.fetchSink(sid))).kind).toBe('refused')
      expect((await failureOf(deleteAt(under.account, sid))).kind).toBe('refused')
      expect(server.seen).toHaveLength(0)
    },
  )

  it('reuses its connections: one may still be busy with its end when the next call begins', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(fetched)
    for (let round = 0; round < 20; round++) await under.account.fetchSink(CALLED_SINK)
    expect(server.connections()).toBeLessThanOrEqual(2)
  })

  it('sends below the path of the base URL', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(`${server.url}/twilio/`)
    server.script(fetched)
    await under.account.fetchSink(CALLED_SINK)
    expect(server.seen[0]?.url).toBe(`/twilio/v1/Sinks/${CALLED_SINK}`)
  })
})

describe('lists', () => {
  it('follows next pages, counts them and keeps a sink seen twice once', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(
      json(200, sinkPage([1, 2], `${server.url}/v1/Sinks?PageSize=50&Page=1&PageToken=a`)),
      json(200, sinkPage([2, 3])),
    )
    const { sinks, pages } = await under.account.listSinks()
    expect(sinks.map(({ sid }) => sid)).toEqual([1, 2, 3].map(numberedSid))
    expect(pages).toBe(2)
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/v1/Sinks?PageSize=1000',
      '/v1/Sinks?PageSize=50&Page=1&PageToken=a',
    ])
  })

  it.each([
    ['another host', (other: string) => `${other}/v1/Sinks?Page=1`],
    ['another scheme', (_other: string, own: string) => own.replace('http:', 'https:')],
    ['a host in disguise', (other: string, own: string) => `${own}@${other.replace('http://', '')}/v1/Sinks`],
    ['a relative URL', () => '/v1/Sinks?Page=1'],
    ['a URL without scheme', (other: string) => other.replace('http:', '')],
    ['nothing readable', () => ''],
  ])('gives up rather than follow %s', async (_name, next) => {
    await using server = await startScriptedServer()
    await using other = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(json(200, sinkPage([1], next(other.url, server.url))))
    expect((await failureOf(under.account.listSinks())).kind).toBe('transient')
    expect(other.connections()).toBe(0)
    expect(server.seen).toHaveLength(1)
  })

  it('never follows a redirect with its credential', async () => {
    await using server = await startScriptedServer()
    await using other = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(raw(307, '', { location: `${other.url}/v1/Sinks` }))
    expect((await failureOf(under.account.listSinks())).kind).toBe('transient')
    expect(other.connections()).toBe(0)
  })

  it('gives up on a loop and on pages without end', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(json(200, sinkPage([1], `${server.url}/v1/Sinks?PageSize=1000`)))
    expect((await failureOf(under.account.listSinks())).kind).toBe('transient')
    expect(server.seen).toHaveLength(1)
    let page = 0
    server.script((...parts) => json(200, sinkPage([1], `${server.url}/v1/Sinks?Page=${++page}`))(...parts))
    expect((await failureOf(under.account.listSinks())).kind).toBe('transient')
    expect(server.seen.length).toBeLessThan(250)
  })

  const halves: Record<string, ScriptedReply> = {
    'its second page fails': twilioError(500, 20500),
    'a sink has no SID': json(200, {
      sinks: [sinkBody(), sinkBody({ sid: null })],
      meta: { next_page_url: null },
    }),
    'a SID is not one of a sink': json(200, {
      sinks: [sinkBody({ sid: 'DF1' })],
      meta: { next_page_url: null },
    }),
    'it does not say whether it ends': json(200, { sinks: [], meta: {} }),
    'it has no meta': json(200, { sinks: [] }),
    'it has no sinks': json(200, { meta: { next_page_url: null } }),
    'it is an empty object': json(200, {}),
  }
  it.each(Object.entries(halves))('is thrown away as a whole when %s', async (_name, reply) => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(json(200, sinkPage([1], `${server.url}/v1/Sinks?Page=1`)), reply)
    expect((await failureOf(under.account.listSinks())).kind).toBe('transient')
  })

  it('reads a thousand sinks, and not more than it can hold', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    const thousand = Array.from({ length: 1000 }, (_one, number) => number)
    server.script(json(200, sinkPage(thousand)))
    expect((await under.account.listSinks()).sinks).toHaveLength(1000)
    server.script(json(200, { ...sinkPage([1]), padding: 'x'.repeat(5 * 1024 * 1024) }))
    expect((await failureOf(under.account.listSinks())).kind).toBe('transient')
  })

  it('reads subscriptions, and says so when the key may not', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    const subscription = { sid: `DF${'2'.repeat(32)}`, account_sid: CALLING_SID, sink_sid: CALLED_SINK }
    const silent = { sid: `DF${'3'.repeat(32)}`, account_sid: null }
    server.script(
      json(200, { subscriptions: [subscription, silent], meta: { next_page_url: null } }),
      twilioError(403, 70051),
    )
    expect(await under.account.listSubscriptions()).toEqual([
      { sid: subscription.sid, accountSid: CALLING_SID, sinkSid: CALLED_SINK },
      { sid: silent.sid, accountSid: undefined, sinkSid: undefined },
    ])
    expect((await failureOf(under.account.listSubscriptions())).kind).toBe('forbidden')
  })
})
