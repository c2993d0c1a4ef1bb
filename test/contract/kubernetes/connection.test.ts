import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import type { ApiCall } from '../../../src/kubernetes/client/call.ts'
import type { Connection } from '../../../src/kubernetes/client/connection.ts'
import { KubernetesFailure } from '../../../src/reconciler/ports.ts'
import { answer, FakeApiServer, statusAnswer, type Takeover } from './fake-api-server.ts'
import { connect } from './widget-store.ts'

const PATH = '/apis/example.com/v1/namespaces/default/widgets/one'
const get: ApiCall = { method: 'GET', path: PATH }
const patch: ApiCall = { method: 'PATCH', path: PATH, body: [], contentType: 'application/json-patch+json' }

const it = test.extend<{ world: { readonly server: FakeApiServer; readonly connection: Connection } }>({
  world: async ({}, use) => {
    const server = await new FakeApiServer().start()
    server.put('one', { size: 1 })
    const connection = connect(server.url)
    await use({ server, connection })
    await connection.close()
    await server.close()
  },
})

const failureOf = async (call: Promise<unknown>): Promise<KubernetesFailure> => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof KubernetesFailure) return error
  throw new Error('It did not fail as it should', { cause: error })
}

/** Several connections that stand, none of them in use. */
async function manyConnections(server: FakeApiServer, connection: Connection): Promise<ReadonlySet<Socket>> {
  const sockets = new Set<Socket>()
  const waiting: (() => void)[] = []
  server.outage = (response, request) => {
    sockets.add(request.socket)
    waiting.push(() => answer(200, {})(response, request))
    if (waiting.length === CONNECTIONS) for (const go of waiting) go()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, () => connection.request(get)))
  expect(sockets.size).toBe(CONNECTIONS)
  // The client takes one up again only some turns after its answer.
  await sleep(300)
  return sockets
}

const CONNECTIONS = 4

const cause = { field: 'spec.size', message: 'Invalid value: "hunter2"' }

describe('connection', () => {
  it.for<[string, number, unknown, KubernetesFailure['kind']]>([
    ['an object that was changed meanwhile', 409, {}, 'conflict'],
    ['a failed test operation', 422, { reason: 'Invalid', details: {} }, 'conflict'],
    ['a rule that refuses the object', 422, { reason: 'Invalid', details: { causes: [cause] } }, 'invalid'],
    ['a request that makes no sense', 400, {}, 'invalid'],
    ['a missing right', 403, {}, 'forbidden'],
    ['a missing object', 404, { details: { name: 'one' } }, 'not-found'],
    ['a path that is not served', 404, {}, 'unavailable'],
    ['refused credentials', 401, {}, 'unavailable'],
    ['too many requests', 429, {}, 'unavailable'],
    ['a defect of the server', 500, {}, 'unavailable'],
  ])('classifies %s', async ([, code, body, kind], { world: { server, connection } }) => {
    server.outage = answer(code, body)
    expect(await failureOf(connection.request(patch))).toMatchObject({ kind, status: code })
  })

  it('quotes no value in the message of a failure, but the field', async ({
    world: { server, connection },
  }) => {
    server.outage = answer(422, { message: 'hunter2', details: { causes: [cause] } })
    const { message } = await failureOf(connection.request(patch))
    expect(message).toContain('spec.size')
    expect(message).not.toContain('hunter2')
  })

  it('shows no field that is no path, since a webhook may write anything there', async ({
    world: { server, connection },
  }) => {
    const causes = [
      { field: '\u001b[31mhunter2' },
      { field: 'metadata.labels["a.example.com/b"]' },
      { field: ' ' },
    ]
    server.outage = answer(422, { message: 'x', details: { causes } })
    const { message } = await failureOf(connection.request(patch))
    expect(message).toContain('an odd field, metadata.labels["a.example.com/b"], an odd field')
    expect(message).not.toMatch(/hunter2|\p{C}/u)
  })

  it('tells beside it who has denied a write and why, bounded, without URLs and controls', async ({
    world: { server, connection },
  }) => {
    const denied = 'admission webhook "labels" denied it:\n see https://user:hunter2@a.example.com/b '
    server.outage = answer(403, { message: `${denied}${'x'.repeat(5_000)}` })
    const { said = '', message } = await failureOf(connection.request(patch))
    expect(said).toMatch(/^admission webhook "labels" denied it: see \[redacted\] x/u)
    expect(said.length).toBeLessThanOrEqual(2_000)
    expect(`${said}${message}`).not.toContain('hunter2')
    expect((await failureOf(connection.request(get))).said, 'of a read').toBeUndefined()
  })

  it('quotes nothing where the API server names fields, whose values its words may hold', async ({
    world: { server, connection },
  }) => {
    server.outage = answer(422, { message: 'hunter2', details: { causes: [cause] } })
    expect((await failureOf(connection.request(patch))).said).toBeUndefined()
  })

  it.for<[string, Takeover]>([
    ['a reset', (response) => response.socket?.destroy()],
    ['an HTML page', (response) => response.end('<html>')],
    ['half a body', (response) => response.end('{"metadata":')],
    [
      'a body that is cut',
      (response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('{"metadata":', () => response.socket?.destroy())
      },
    ],
  ])(
    'takes %s for an answer that proves nothing',
    async ([, takeover], { world: { server, connection } }) => {
      server.outage = takeover
      expect(await failureOf(connection.request(patch))).toMatchObject({ kind: 'unavailable' })
    },
  )

  it.for<[string, Takeover, ApiCall, number]>([
    ['repeats a GET after 503', statusAnswer(503), get, 3],
    ['repeats a GET after a reset', (response) => response.socket?.destroy(), get, 3],
    ['does not repeat a PATCH after 503: it may have been done', statusAnswer(503), patch, 1],
    ['repeats a PATCH after 429: it was not done', statusAnswer(429), patch, 3],
    ['leaves a long Retry-After to the caller', statusAnswer(503, { 'retry-after': '60' }), get, 1],
    ['takes a refusal as it is', statusAnswer(403), get, 1],
  ])('%s', async ([, takeover, call, attempts], { world: { server, connection } }) => {
    server.outage = takeover
    await failureOf(connection.request(call))
    expect(server.counts.other).toBe(attempts)
  })

  it('waits as long as Retry-After says', async ({ world: { server, connection } }) => {
    server.takeovers.other.push(statusAnswer(429, { 'retry-after': '1' }))
    const began = performance.now()
    await connection.request(get)
    expect(performance.now() - began).toBeGreaterThan(950)
  })

  it.for<[string, Takeover]>([
    ['headers', () => undefined],
    ['the rest of the body', (response) => response.write('{')],
  ])('gives up when %s do not come in time, without another attempt', async ([, takeover], { world }) => {
    world.server.outage = takeover
    const began = performance.now()
    const failure = await failureOf(world.connection.request({ ...get, timeoutMs: 1_000 }))
    expect(failure.kind).toBe('unavailable')
    // The default is ten seconds.
    expect(performance.now() - began).toBeLessThan(8_000)
    expect(world.server.counts.other).toBe(1)
  })

  it('ends a call with its signal', async ({ world: { server, connection } }) => {
    server.outage = () => undefined
    const end = new AbortController()
    setTimeout(() => end.abort(), 50)
    expect(await failureOf(connection.request({ ...get, signal: end.signal }))).toMatchObject({
      kind: 'unavailable',
    })
  })

  it('uses connections again', async ({ world: { server, connection } }) => {
    for (let i = 0; i < 50; i += 1) await connection.request(get)
    // A second one when the first is not free again quickly enough.
    expect(server.counts.connections).toBeLessThanOrEqual(2)
  })

  it.for<[string, Takeover, (connection: Connection) => Promise<unknown>]>([
    ['headers', () => undefined, (connection) => connection.request({ ...get, timeoutMs: 200 })],
    [
      'the other bytes of a body',
      (response) => response.write('{'),
      (connection) => connection.request({ ...get, timeoutMs: 200 }),
    ],
    [
      'the headers of a watch',
      () => undefined,
      (connection) => connection.stream({ ...get, timeoutMs: 200 }, 5_000),
    ],
    [
      'the lines of a watch',
      (response) => response.flushHeaders(),
      async (connection) => {
        const lines = await connection.stream({ ...get, timeoutMs: 5_000 }, 200)
        for await (const line of lines) expect(line).toBeUndefined()
      },
    ],
  ])(
    'leaves all connections when %s do not come over one: the network may have lost them all',
    async ([, silence, wait], { world: { server, connection } }) => {
      const before = await manyConnections(server, connection)
      server.outage = (response, request) =>
        before.has(request.socket)
          ? silence(response, request)
          : answer(200, { fine: true })(response, request)
      await expect(wait(connection)).rejects.toThrow()
      for (let made = 0; made < 2; made += 1) {
        const answered = connection.request({ ...get, timeoutMs: 10_000 }).catch(() => 'nothing')
        expect(await answered).toEqual({ fine: true })
      }
    },
  )

  it('lets those finish that were on their way when another fell silent', async ({
    world: { server, connection },
  }) => {
    server.outage = (response, request) => {
      if (request.method === 'GET') setTimeout(() => answer(200, { late: true })(response, request), 500)
    }
    const [late, silent] = [
      connection.request(get),
      failureOf(connection.request({ ...patch, timeoutMs: 100 })),
    ]
    expect((await silent).kind).toBe('unavailable')
    expect(await late).toEqual({ late: true })
  })

  it('cuts what is on its way over connections that were left', async ({ world: { server, connection } }) => {
    server.outage = () => undefined
    const late = failureOf(connection.request({ ...get, timeoutMs: 60_000 }))
    await vi.waitFor(() => expect(server.counts.other).toBe(1), { timeout: 10_000 })
    await failureOf(connection.request({ ...patch, timeoutMs: 100 }))
    await connection.close()
    expect((await late).kind).toBe('unavailable')
  })

  it('reads its credentials again after a 401 over a connection that was left', async ({
    world: { server },
  }) => {
    let token = 'old'
    const renewing = connect(server.url, {
      credentials: {
        read: async (fresh) => {
          if (fresh) token = 'new'
          return {
            server: server.url,
            headers: { authorization: `Bearer ${token}` },
            tls: {},
            proxy: undefined,
          }
        },
      },
    })
    const refuse = Promise.withResolvers<undefined>()
    server.outage = (response, request) => {
      if (request.headers.authorization === 'Bearer new') answer(200, { token: 'seen' })(response, request)
      else if (request.method === 'GET') void refuse.promise.then(() => answer(401, {})(response, request))
    }
    const late = renewing.request({ ...get, timeoutMs: 60_000 })
    await vi.waitFor(() => expect(server.counts.other).toBe(1), { timeout: 10_000 })
    await failureOf(renewing.request({ ...patch, timeoutMs: 100 }))
    refuse.resolve(undefined)
    expect(await late).toEqual({ token: 'seen' })
    await renewing.close()
  })

  it('opens so many connections and no more', async ({ world: { server } }) => {
    const narrow = connect(server.url, { connections: 3 })
    await Promise.all(Array.from({ length: 30 }, () => narrow.request(get)))
    expect(server.counts.connections).toBeLessThanOrEqual(3)
    await narrow.close()
  })

  it('reads its credentials again once after a 401, also for many calls at a time', async ({
    world: { server },
  }) => {
    let token = 'old'
    const reads: boolean[] = []
    const renewing = connect(server.url, {
      credentials: {
        read: async (fresh) => {
          reads.push(fresh)
          if (fresh) token = 'new'
          return {
            server: server.url,
            headers: { authorization: `Bearer ${token}` },
            tls: {},
            proxy: undefined,
          }
        },
      },
    })
    server.outage = (response, request) => {
      const isNew = request.headers.authorization === 'Bearer new'
      answer(isNew ? 200 : 401, { token: 'seen' })(response, request)
    }
    const answers = await Promise.all(Array.from({ length: 10 }, () => renewing.request(get)))
    expect(answers).toEqual(Array.from({ length: 10 }, () => ({ token: 'seen' })))
    expect(reads).toEqual([false, true])
    await renewing.close()
  })

  it('goes on with the credentials it has when they cannot be read again', async ({ world: { server } }) => {
    let reads = 0
    let now = 0
    const stubborn = connect(server.url, {
      clock: { now: () => now, monotonic: () => now },
      credentials: {
        read: async () => {
          reads += 1
          if (reads > 1) throw new Error('The file is not there')
          return { server: server.url, headers: {}, tls: {}, proxy: undefined }
        },
      },
    })
    await stubborn.request(get)
    now += 60_000
    await stubborn.request(get)
    expect(reads).toBe(2)
    await stubborn.close()
  })

  it('tells of each attempt with what metrics need', async ({ world: { server } }) => {
    const seen: string[] = []
    const observed = connect(server.url, {
      observer: ({ method, host, code }) => seen.push(`${method} ${host} ${code}`),
    })
    const host = new URL(server.url).host
    await observed.request(get)
    server.outage = (response) => response.socket?.destroy()
    await failureOf(observed.request(patch))
    expect(seen).toEqual([`GET ${host} 200`, `PATCH ${host} <error>`])
    await observed.close()
  })
})
