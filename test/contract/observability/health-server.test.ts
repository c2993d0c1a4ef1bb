import { channel, type Channel } from 'node:diagnostics_channel'
import type { Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  startHttpServer,
  type HttpAnswer,
  type HttpServer,
} from '../../../src/observability/health-server.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }
const OK: HttpAnswer = { status: 200, body: 'ok\n' }

const running: HttpServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

async function serving(
  routes: Record<string, () => Promise<HttpAnswer>>,
  address = LOOPBACK,
): Promise<string> {
  const server = await startHttpServer({ address, routes })
  running.push(server)
  return `http://127.0.0.1:${server.port}`
}

describe('a path', () => {
  test('is answered as its route says', async () => {
    const url = await serving({
      '/metrics': async () => ({ status: 503, contentType: 'text/x', body: 'b' }),
      '/healthz': async () => OK,
    })
    const metrics = await fetch(`${url}/metrics?x=/healthz`)
    expect([metrics.status, metrics.headers.get('content-type'), await metrics.text()]).toEqual([
      503,
      'text/x',
      'b',
    ])
    const health = await fetch(`${url}/healthz`)
    expect([health.status, health.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
  })

  test.each(['/', '/metrics/', '/metricsx', '/__proto__', '/constructor'])(
    '%s that nobody serves is 404',
    async (path) => {
      const url = await serving({ '/metrics': async () => OK })
      expect((await fetch(`${url}${path}`)).status).toBe(404)
    },
  )

  test('is only read: a POST is refused and does not run the route', async () => {
    let ran = 0
    const url = await serving({
      '/metrics': async () => {
        ran += 1
        return OK
      },
    })
    expect((await fetch(`${url}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405)
    expect(ran).toBe(0)
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test('whose route rejects is 500 without the reason, and the server lives on', async () => {
    const url = await serving({
      '/metrics': async () => Promise.reject(new Error('geheim')),
      '/healthz': async () => OK,
    })
    const failed = await fetch(`${url}/metrics`)
    expect(failed.status).toBe(500)
    expect(await failed.text()).not.toContain('geheim')
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })
})

describe('an address', () => {
  test('in use is refused with one sentence that names it', async () => {
    const { port } = new URL(await serving({}))
    const second = startHttpServer({ address: { host: '127.0.0.1', port: Number(port) }, routes: {} })
    await expect(second).rejects.toThrow(`127.0.0.1:${port} is in use`)
  })

  test('that is not ours is refused', async () => {
    await expect(startHttpServer({ address: { host: '192.0.2.1', port: 0 }, routes: {} })).rejects.toThrow(
      '192.0.2.1',
    )
  })

  test('without host is every interface', async () => {
    const url = await serving({ '/healthz': async () => OK }, { host: '', port: 0 })
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })
})

test('stop cuts a client that says nothing, so that the process can end', async () => {
  const server = await startHttpServer({ address: LOOPBACK, routes: {} })
  const client = connect(server.port, '127.0.0.1')
  await new Promise((resolve) => client.once('connect', resolve))
  const closed = new Promise((resolve) => client.once('close', resolve))
  client.on('error', () => undefined)
  await server.stop()
  await closed
  await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow()
})

/** Clients that connect, and say what they are told to. */
async function crowd(url: string, size: number, says = ''): Promise<{ cut: () => number; end: () => void }> {
  let cut = 0
  const clients = Array.from({ length: size }, () => connect(Number(new URL(url).port), '127.0.0.1'))
  for (const client of clients) {
    client.on('error', () => undefined)
    client.once('close', () => {
      cut += 1
    })
  }
  await Promise.all(clients.map((client) => new Promise((resolve) => client.once('connect', resolve))))
  for (const client of clients) client.resume().write(says)
  return {
    cut: () => cut,
    end: () => {
      for (const client of clients) client.destroy()
    },
  }
}

/** As the kubelet asks: over a new connection, and not for long. */
const probe = (url: string): Promise<number> =>
  fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(1_000) }).then(
    ({ status }) => status,
    () => 0,
  )

describe('a crowd of 100 clients', () => {
  test.each([
    ['that say nothing', ''],
    ['that send half a request', 'GET /healthz HTTP/1.1\r\nhost: a'],
    ['that keep their connections', 'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n'],
  ])('%s keeps no probe out', async (_who, says) => {
    const url = await serving({ '/healthz': async () => OK })
    const { end, cut } = await crowd(url, 100, says)
    const statuses: number[] = []
    for (let probes = 0; probes < 20; probes += 1) statuses.push(await probe(`${url}/healthz`))
    expect(statuses).toEqual(Array.from({ length: 20 }, () => 200))
    // Those that were there first have gone.
    expect(cut()).toBeGreaterThanOrEqual(36)
    end()
  })

  test('at the metrics has nothing to do with the health', async () => {
    const [metrics, health] = [await serving({}), await serving({ '/healthz': async () => OK })]
    const { end } = await crowd(metrics, 100)
    expect(await probe(`${health}/healthz`)).toBe(200)
    end()
  })

  test('cuts nobody who is being answered', async () => {
    const answer = Promise.withResolvers<HttpAnswer>()
    const asked = Promise.withResolvers<void>()
    const url = await serving({
      '/metrics': () => {
        asked.resolve()
        return answer.promise
      },
    })
    const scrape = fetch(`${url}/metrics`)
    await asked.promise
    const { end } = await crowd(url, 100)
    answer.resolve(OK)
    expect((await scrape).status).toBe(200)
    end()
  })
})

test.each([
  ['nothing', ''],
  ['half a request', 'GET / HTTP/1.1\r\nhost: a'],
])('a client that says %s is cut after some seconds', async (_what, says) => {
  const { cut, end } = await crowd(await serving({}), 1, says)
  await vi.waitFor(() => expect(cut()).toBe(1), { timeout: 6_000, interval: 50 })
  end()
})

test('a crowd of silent clients is cut down to a bound, so that sockets are left for the work', async () => {
  const { port } = new URL(await serving({}))
  const clients = Array.from({ length: 100 }, () => connect(Number(port), '127.0.0.1'))
  await new Promise<void>((resolve) => {
    let cut = 0
    for (const client of clients) {
      client.on('error', () => undefined)
      client.once('close', () => {
        cut += 1
        if (cut === 36) resolve()
      })
    }
  })
  for (const client of clients) client.destroy()
})

test('an accept that fails for want of file descriptors, again and again, ends nothing', async () => {
  const url = await serving({ '/healthz': async () => OK })
  const begun = serverAsked(channel('http.server.request.start'), url)
  await fetch(`${url}/healthz`)
  const server = await begun
  // As Node reports it.
  const failure = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE', syscall: 'accept' })
  for (let failed = 0; failed < 3; failed += 1) expect(server.emit('error', failure)).toBe(true)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

/** The server that takes a request at `url`. */
function serverAsked(started: Channel, url: string): Promise<Server> {
  return new Promise((resolve) => {
    const seen = (message: unknown): void => {
      const { server } = message as { server: Server }
      const { port } = server.address() as AddressInfo
      if (String(port) !== new URL(url).port) return
      started.unsubscribe(seen)
      resolve(server)
    }
    started.subscribe(seen)
  })
}
