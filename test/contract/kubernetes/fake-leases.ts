import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

interface Lease {
  metadata: { name: string; resourceVersion: string; labels?: Record<string, string> }
  spec: Record<string, unknown>
}

/** Serves leases as a Kubernetes API server does, as far as leader election goes, and is slow when it is told. */
export interface FakeLeases {
  readonly url: string
  readonly leases: Map<string, Lease>
  /** Before each answer, in milliseconds. */
  delay: number
  /** Changes it as somebody else would. */
  put(name: string, change: Partial<Lease>): void
  remove(name: string): void
  readonly connections: { count: number }
  close(): Promise<void>
}

export async function startFakeLeases(): Promise<FakeLeases> {
  const leases = new Map<string, Lease>()
  const watches = new Set<ServerResponse>()
  let version = 0

  const tell = (type: string, object: Lease): void => {
    for (const watch of watches) watch.write(`${JSON.stringify({ type, object })}\n`)
  }
  const save = (name: string, by: Partial<Lease>): Lease => {
    const before = leases.get(name)
    version += 1
    const lease: Lease = {
      metadata: { ...before?.metadata, ...by.metadata, name, resourceVersion: String(version) },
      spec: { ...before?.spec, ...by.spec },
    }
    leases.set(name, lease)
    tell(before === undefined ? 'ADDED' : 'MODIFIED', lease)
    return lease
  }

  const answerTo = async (request: IncomingMessage, name: string | undefined): Promise<[number, unknown]> => {
    const body = await jsonOf(request)
    const found = leases.get(name ?? body?.metadata?.name ?? '')
    if (request.method === 'POST') {
      if (found !== undefined) return failure(409, 'AlreadyExists')
      return [201, save(body?.metadata?.name ?? '', body ?? {})]
    }
    if (found === undefined) return failure(404, 'NotFound', name)
    if (request.method === 'GET') return [200, found]
    const expected = body?.metadata?.resourceVersion
    if (expected !== found.metadata.resourceVersion) return failure(409, 'Conflict')
    return [200, save(found.metadata.name, { spec: body?.spec ?? {} })]
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake')
    const name = /\/leases\/([^/]+)$/u.exec(pathname)?.[1]
    if (searchParams.get('watch') === 'true') {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.flushHeaders()
      watches.add(response)
      response.on('close', () => watches.delete(response))
      return
    }
    const { delay } = fake
    void answerTo(request, name).then(async ([status, answer]) => {
      await sleep(delay)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  const fake: FakeLeases = {
    url: '',
    leases,
    delay: 0,
    put: (name, change) => void save(name, change),
    remove: (name) => {
      const lease = leases.get(name)
      leases.delete(name)
      if (lease !== undefined) tell('DELETED', lease)
    },
    connections: { count: 0 },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
  server.on('connection', () => (fake.connections.count += 1))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(fake, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

type Body = { metadata?: { name?: string; resourceVersion?: string }; spec?: Record<string, unknown> }

async function jsonOf(request: IncomingMessage): Promise<(Body & Partial<Lease>) | undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? undefined : (JSON.parse(text) as Body & Partial<Lease>)
}

const failure = (code: number, reason: string, name?: string): [number, unknown] => [
  code,
  { kind: 'Status', code, reason, details: { name } },
]
