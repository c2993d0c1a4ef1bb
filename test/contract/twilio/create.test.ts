import { createServer, Socket, type AddressInfo } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/time/clock.ts'
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
  twilioAt,
  create,
  CREDENTIAL,
  failureOf,
  inTime,
  never,
  NEW_SINK,
  CALLED_SINK,
  sinkBody,
  deleteAt,
  update,
} from './twilio-under-test.ts'

const created = json(201, sinkBody())

describe('create', () => {
  it('sends what Twilio reads: a form whose SinkConfiguration is JSON text', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(created)
    const sink = await create(under.account)
    const [request] = server.seen
    const form = new URLSearchParams(request?.body)
    expect(sink.sid).toBe(CALLED_SINK)
    expect(request).toMatchObject({ method: 'POST', url: '/v1/Sinks' })
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(request?.headers['user-agent']).toBe('twilio-sink-operator/0.0.0-test')
    expect(request?.headers.authorization).toBe(
      `Basic ${Buffer.from(`${CREDENTIAL.username}:${CREDENTIAL.password}`).toString('base64')}`,
    )
    expect([...form.keys()].sort()).toEqual(['Description', 'SinkConfiguration', 'SinkType'])
    expect(form.get('Description')).toBe(NEW_SINK.description)
    expect(JSON.parse(form.get('SinkConfiguration') ?? '')).toEqual(NEW_SINK.configuration)
  })

  const once: Record<string, readonly [ScriptedReply, string]> = {
    'a reset after it was read': [resetAfterRead, 'transient'],
    'no answer': [hang, 'transient'],
    'a 500 in HTML': [raw(500, '<html>'), 'transient'],
    'a 503 of Twilio': [twilioError(503, 20503), 'transient'],
    'a 200 in HTML': [raw(200, '<html>ok</html>'), 'transient'],
    'half an answer': [half(201, '{"sid":"DG'), 'transient'],
    'half JSON': [raw(201, '{"sid":"DG'), 'transient'],
    'a sink without SID': [json(201, sinkBody({ sid: null })), 'transient'],
    'an unknown success': [json(202, sinkBody()), 'transient'],
    'no content': [raw(204, ''), 'transient'],
    'a redirect': [raw(307, '', { location: '/v1/elsewhere' }), 'transient'],
    'a huge answer': [json(201, sinkBody({ description: 'x'.repeat(300_000) })), 'transient'],
    'a 400 of a proxy': [raw(400, '<html>Bad Request</html>'), 'transient'],
    'a 404 of a proxy': [raw(404, 'not here'), 'transient'],
    'a 408': [raw(408, ''), 'transient'],
    'a 401': [twilioError(401, 20003), 'unauthorized'],
    'a 403': [twilioError(403, 20403), 'forbidden'],
    'a refused configuration': [twilioError(400, 91000), 'refused'],
    'a full account': [twilioError(400, 91003), 'quota'],
  }
  it.each(Object.entries(once))('is not repeated after %s', async (_name, [reply, kind]) => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(reply)
    const failure = await failureOf(create(under.account))
    expect(failure.kind).toBe(kind)
    expect(server.seen).toHaveLength(1)
  })

  it('is repeated after a 429, which Twilio did not process', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(twilioError(429, 20429), raw(429, '<html>'), created)
    await create(under.account)
    expect(server.seen).toHaveLength(3)
  })

  it('ends as rate-limited when the pause outlasts the time in which it may be sent', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(json(429, {}, { 'retry-after': '20' }), created)
    const failure = await failureOf(
      under.account.writes.withCreateSlot((post) => post(NEW_SINK, inTime(5_000))),
    )
    expect(failure.kind).toBe('rate-limited')
    expect(failure.retryAfterMs).toBeGreaterThan(10_000)
    expect(server.seen).toHaveLength(1)
  })

  it.each([
    ['by the monotonic clock', { ...never, monotonic: systemClock.monotonic() - 1 }],
    ['by the wall clock, since a paused machine stops the other', { ...never, wall: systemClock.now() - 1 }],
  ])('is not sent after its time %s', async (_, notAfter) => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(created)
    const failure = await failureOf(under.account.writes.withCreateSlot((post) => post(NEW_SINK, notAfter)))
    expect(failure.kind).toBe('not-sent')
    expect(server.seen).toHaveLength(0)
  })

  it('is sent once for a slot, however often it is asked for', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(created)
    const work = under.account.writes.withCreateSlot(async (post) => {
      await post(NEW_SINK, never)
      return post(NEW_SINK, never)
    })
    expect((await failureOf(work)).kind).toBe('not-sent')
    expect(server.seen).toHaveLength(1)
  })

  it('leaves no doubt when nobody listens', async () => {
    const unused = createServer()
    await new Promise<void>((resolve) => unused.listen(0, '127.0.0.1', resolve))
    const { port } = unused.address() as AddressInfo
    await new Promise((resolve) => unused.close(resolve))
    await using under = twilioAt(`http://127.0.0.1:${port}`)
    const failure = await failureOf(create(under.account))
    expect(failure.kind).toBe('not-sent')
    expect(failure.cause).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('leaves no doubt when the name does not resolve', async () => {
    await using under = twilioAt('https://no-such-host.invalid', { callTimeoutMs: 3_000 })
    expect((await failureOf(create(under.account))).kind).toBe('not-sent')
  })

  it('leaves no doubt when TLS fails', async () => {
    const plain = createServer((socket) => socket.resume().end('this is not TLS\r\n'))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const { port } = plain.address() as AddressInfo
    await using under = twilioAt(`https://127.0.0.1:${port}`)
    expect((await failureOf(create(under.account))).kind).toBe('not-sent')
    await new Promise((resolve) => plain.close(resolve))
  })

  it('leaves no doubt when the TLS handshake hangs', async () => {
    const sockets = new Set<{ destroy: () => unknown }>()
    const mute = createServer((socket) => sockets.add(socket))
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const { port } = mute.address() as AddressInfo
    await using under = twilioAt(`https://127.0.0.1:${port}`, { callTimeoutMs: 200 })
    expect((await failureOf(create(under.account))).kind).toBe('not-sent')
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => mute.close(resolve))
  })

  it('is in doubt when the connection is closed right after it stood', async () => {
    const closing = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve))
    const { port } = closing.address() as AddressInfo
    await using under = twilioAt(`http://127.0.0.1:${port}`)
    expect((await failureOf(create(under.account))).kind).toBe('transient')
    await new Promise((resolve) => closing.close(resolve))
  })

  it('does not become uncertain when the server closes its kept connections between calls', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    for (let round = 0; round < 20; round++) {
      server.script((seen, response, socket) => {
        response.on('finish', () => setImmediate(() => socket.destroy()))
        return json(201, sinkBody())(seen, response, socket)
      })
      await create(under.account)
    }
    expect(server.seen).toHaveLength(20)
    expect(server.connections()).toBe(20)
  })
})

describe('leave to change something', () => {
  it('is asked after connecting, and a no sends nothing', async () => {
    await using server = await startScriptedServer()
    const answers = [true, false]
    await using under = twilioAt(server.url, { mayMutate: () => answers.shift() ?? false })
    server.script(created)
    expect((await failureOf(create(under.account))).kind).toBe('not-sent')
    expect(server.seen).toHaveLength(0)
    expect(server.connections()).toBe(1)
  })

  it('is asked in the very call that writes: a process that is stopped before it asks again', async () => {
    await using server = await startScriptedServer()
    const seen: string[] = []
    const restore = (['_write', '_writev'] as const).map((name) => {
      const original = Reflect.get(Socket.prototype, name) as CallableFunction
      const spy = vi.spyOn(Socket.prototype, name).mockImplementation(function (
        this: Socket,
        ...args: unknown[]
      ) {
        // One text, or many.
        const [first] = [args[0]].flat() as [string | { readonly chunk: string }]
        if (String(typeof first === 'object' ? first.chunk : first).startsWith('POST ')) seen.push('write')
        Reflect.apply(original, this, args)
      })
      return () => spy.mockRestore()
    })
    const mayMutate = () => {
      seen.push('asked')
      queueMicrotask(() => seen.push('later'))
      return true
    }
    try {
      await using under = twilioAt(server.url, { mayMutate })
      server.script(created)
      await create(under.account)
    } finally {
      for (const one of restore) one()
    }
    expect(seen.slice(seen.lastIndexOf('asked'))).toEqual(['asked', 'write', 'later'])
  })

  it('is asked again after a 429', async () => {
    await using server = await startScriptedServer()
    let may = true
    await using under = twilioAt(server.url, { mayMutate: () => may })
    server.script((...parts) => {
      may = false
      return twilioError(429, 20429)(...parts)
    }, created)
    expect((await failureOf(create(under.account))).kind).toBe('not-sent')
    expect(server.seen).toHaveLength(1)
  })

  it.each<[string, (account: ReturnType<typeof twilioAt>['account']) => Promise<unknown>]>([
    ['create', (account) => create(account)],
    ['updateDescription', (account) => update(account, CALLED_SINK, 'x')],
    ['deleteSink', (account) => deleteAt(account, CALLED_SINK)],
    ['sendTest', (account) => account.probe.sendTest(CALLED_SINK)],
    ['validate', (account) => account.probe.validate(CALLED_SINK, 'x')],
  ])('is needed for %s', async (_name, call) => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url, { mayMutate: () => false })
    expect((await failureOf(call(under.account))).kind).toBe('not-sent')
    expect(server.seen).toHaveLength(0)
  })

  it('is not needed to read', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url, { mayMutate: () => false })
    server.script(json(200, sinkBody()))
    expect((await under.account.fetchSink(CALLED_SINK)).sid).toBe(CALLED_SINK)
  })
})
