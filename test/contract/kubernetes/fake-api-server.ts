import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** Answers a request in place of the server. */
export type Takeover = (response: ServerResponse, request: IncomingMessage) => void

export interface FakeObject {
  apiVersion: string
  kind: string
  metadata: Record<string, unknown> & {
    name: string
    namespace: string
    uid: string
    resourceVersion: string
  }
  spec: unknown
}

/** Serves one kind, `widgets`, as a Kubernetes API server would, and fails as it is told. */
export interface FakeApiServer {
  readonly url: string
  /** Creates or changes an object and tells the watches. */
  put(name: string, spec: unknown, metadata?: Record<string, unknown>): FakeObject
  remove(name: string): void
  /** Each is used once, in order, for a LIST, a watch, or any other request. */
  readonly takeovers: { list: Takeover[]; watch: Takeover[]; other: Takeover[] }
  /** While set, answers everything. */
  outage: Takeover | undefined
  /** While set, watches are told nothing. */
  muted: boolean
  /** Forgets history and objects, and counts versions from `version` again, as after a restore of etcd. */
  restore(version: number): void
  /** Watches from before the present version are answered 410. */
  compact(): void
  readonly counts: { list: number; watch: number; check: number; other: number; connections: number }
  /** Cuts each connection. */
  cut(): void
  close(): Promise<void>
}

export const status =
  (code: number, headers: Record<string, string> = {}): Takeover =>
  (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ kind: 'Status', code, reason: 'Scripted' }))
  }

export const WIDGETS = { group: 'example.com', version: 'v1', plural: 'widgets' }

export async function startFakeApiServer(): Promise<FakeApiServer> {
  const objects = new Map<string, FakeObject>()
  const watches = new Set<{ version: number; response: ServerResponse }>()
  let history: { version: number; line: string }[] = []
  let floor = 0
  let version = 100
  let uids = 0
  const sockets = new Set<Socket>()

  const tell = (type: string, object: FakeObject): void => {
    const line = `${JSON.stringify({ type, object })}\n`
    history.push({ version, line })
    if (fake.muted) return
    for (const { response } of watches) response.write(line)
  }

  const takeoverOf = (kind: 'list' | 'watch' | 'other'): Takeover | undefined =>
    fake.outage ?? fake.takeovers[kind].shift()

  const list: Takeover = (response) => {
    const metadata = { resourceVersion: String(version) }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ kind: 'WidgetList', metadata, items: [...objects.values()] }))
  }

  const watch = (response: ServerResponse, query: URLSearchParams): void => {
    const from = Number(query.get('resourceVersion'))
    if (from < floor) {
      status(410)(response, {} as IncomingMessage)
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    for (const past of history.filter((one) => one.version > from)) if (!fake.muted) response.write(past.line)
    const open = { version: from, response }
    watches.add(open)
    const timer = setTimeout(
      () => {
        const object = { kind: 'Widget', metadata: { resourceVersion: String(version) } }
        // As the real one: a version that a watch has passed already is not told.
        if (version > from && !fake.muted) response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
        response.end()
      },
      Number(query.get('timeoutSeconds')) * 1000,
    )
    response.on('close', () => {
      clearTimeout(timer)
      watches.delete(open)
    })
  }

  const one = (response: ServerResponse, request: IncomingMessage, name: string): void => {
    const found = objects.get(name)
    if (found === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ kind: 'Status', code: 404, reason: 'NotFound', details: { name } }))
      return
    }
    const answer =
      request.method === 'PATCH' ? fake.put(name, { ...(found.spec as object), patched: version }) : found
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    const name = /\/widgets\/([^/]+)/u.exec(url.pathname)?.[1]
    const isWatch = url.searchParams.get('watch') === 'true'
    const kind =
      name === undefined && url.pathname.endsWith('widgets') ? (isWatch ? 'watch' : 'list') : 'other'
    fake.counts[kind === 'list' && url.searchParams.get('limit') === '1' ? 'check' : kind] += 1
    const takeover = takeoverOf(kind)
    request.resume()
    if (takeover !== undefined) takeover(response, request)
    else if (kind === 'watch') watch(response, url.searchParams)
    else if (kind === 'list') list(response, request)
    else one(response, request, name ?? '')
  })
  server.on('connection', (socket) => {
    fake.counts.connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })

  const fake: FakeApiServer = {
    url: '',
    put: (name, spec, metadata = {}) => {
      version += 1
      const before = objects.get(name)
      const object: FakeObject = {
        apiVersion: 'example.com/v1',
        kind: 'Widget',
        metadata: {
          namespace: 'default',
          ...metadata,
          name,
          uid: before?.metadata.uid ?? `uid-${(uids += 1)}`,
          resourceVersion: String(version),
        },
        spec,
      }
      objects.set(name, object)
      tell(before === undefined ? 'ADDED' : 'MODIFIED', object)
      return object
    },
    remove: (name) => {
      const before = objects.get(name)
      if (before === undefined) return
      version += 1
      objects.delete(name)
      tell('DELETED', { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } })
    },
    takeovers: { list: [], watch: [], other: [] },
    outage: undefined,
    muted: false,
    restore: (to) => {
      version = to
      history = []
      floor = 0
      objects.clear()
    },
    compact: () => {
      history = []
      floor = version
    },
    counts: { list: 0, watch: 0, check: 0, other: 0, connections: 0 },
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    close: async () => {
      fake.cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(fake, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}
