import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'

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
  spec: object
}

interface Watch {
  readonly plural: string
  /** Undefined: of all namespaces. */
  readonly namespace: string | undefined
  /** Undefined: of all objects. */
  readonly name: string | undefined
  readonly response: ServerResponse
}

interface Told {
  readonly version: number
  readonly plural: string
  readonly namespace: string
  readonly name: string
  readonly line: string
}

/** The body of a request that writes. */
interface Sent {
  readonly metadata?: { readonly name?: string; readonly resourceVersion?: string }
  readonly spec?: object
}

/** Where a path leads; of a collection, `name` is undefined. */
interface Place {
  readonly plural: string
  readonly namespace: string | undefined
  readonly name: string | undefined
}

export const answer =
  (code: number, body: unknown, headers: Record<string, string> = {}): Takeover =>
  (response) =>
    void response
      .writeHead(code, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body))

export const statusAnswer = (code: number, headers: Record<string, string> = {}): Takeover =>
  answer(code, { kind: 'Status', code, reason: 'Scripted' }, headers)

const failure = (code: number, reason: string, name?: string): Takeover =>
  answer(code, { kind: 'Status', code, reason, details: { name } })

export const WIDGETS = { group: 'example.com', version: 'v1', plural: 'widgets' }

/** Serves objects of one namespace as a Kubernetes API server would, widgets above all, and fails as it is told. */
export class FakeApiServer {
  /** Each is used once, in order, for a LIST, a watch, or any other request. */
  readonly takeovers: Readonly<Record<'list' | 'watch' | 'other', Takeover[]>> = {
    list: [],
    watch: [],
    other: [],
  }
  /** While set, answers everything. */
  outage: Takeover | undefined
  /** Namespaces in which nothing may be listed or watched. */
  readonly refused = new Set<string>()
  /** While set, watches are told nothing. */
  muted = false
  readonly counts = { list: 0, watch: 0, check: 0, other: 0, connections: 0 }
  /** How long a LIST takes, in milliseconds. */
  listMs = 0
  /** LISTs that are being answered, and the most there ever were. */
  readonly listing = { now: 0, most: 0 }
  /** How long the pages of LISTs were that somebody has read to the end. */
  readonly pageBytes: number[] = []

  /** By `plural/name`. */
  readonly #objects = new Map<string, FakeObject>()
  readonly #watches = new Set<Watch>()
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  #history: Told[] = []
  #floor = 0
  #version = 100
  #uids = 0

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.on('connection', (socket) => {
      this.counts.connections += 1
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  async start(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Watches that are open. */
  get watching(): number {
    return this.#watches.size
  }

  get(name: string, plural: string): FakeObject | undefined {
    return this.#objects.get(`${plural}/${name}`)
  }

  /** Creates or changes an object and tells the watches. */
  put(name: string, spec: object, metadata: object = {}, plural = WIDGETS.plural): FakeObject {
    this.#version += 1
    const before = this.get(name, plural)
    const object: FakeObject = {
      apiVersion: 'example.com/v1',
      kind: kindOf(plural),
      metadata: {
        namespace: 'default',
        ...metadata,
        name,
        uid: before?.metadata.uid ?? `uid-${(this.#uids += 1)}`,
        resourceVersion: String(this.#version),
      },
      spec,
    }
    this.#objects.set(`${plural}/${name}`, object)
    this.#tell(before === undefined ? 'ADDED' : 'MODIFIED', plural, object)
    return object
  }

  remove(name: string, plural = WIDGETS.plural): void {
    const before = this.get(name, plural)
    if (before === undefined) return
    this.#version += 1
    this.#objects.delete(`${plural}/${name}`)
    const metadata = { ...before.metadata, resourceVersion: String(this.#version) }
    this.#tell('DELETED', plural, { ...before, metadata })
  }

  /** Forgets history and objects, and counts versions from `version` again, as after a restore of etcd. */
  restore(version: number): void {
    this.#version = version
    this.#history = []
    this.#floor = 0
    this.#objects.clear()
  }

  /** Watches from before the present version are answered 410. */
  compact(): void {
    this.#history = []
    this.#floor = this.#version
  }

  /** Cuts each connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.cut()
    await closed
  }

  #tell(type: string, plural: string, object: FakeObject): void {
    const { name, namespace } = object.metadata
    const told = { version: this.#version, plural, namespace, name }
    const line = `${JSON.stringify({ type, object })}\n`
    this.#history.push({ ...told, line })
    if (this.muted) return
    for (const watch of this.#watches) if (concerns(watch, told)) watch.response.write(line)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', this.url)
    const place = placeOf(pathname)
    const isRead = request.method === 'GET' && place?.plural !== undefined && place.name === undefined
    const isWatch = query.get('watch') === 'true'
    const kind = !isRead ? 'other' : isWatch ? 'watch' : 'list'
    this.counts[kind === 'list' && query.get('limit') === '1' ? 'check' : kind] += 1
    if (kind === 'list') await this.#beginList(response)
    const takeover = this.outage ?? this.takeovers[kind].shift()
    if (takeover !== undefined) {
      request.resume()
      return takeover(response, request)
    }
    const [, namespace = ''] = /\/namespaces\/([^/]+)\//u.exec(pathname) ?? []
    if (this.refused.has(namespace)) return failure(403, 'Forbidden')(response, request)
    if (place === undefined) return failure(404, 'NotFound')(response, request)
    if (kind === 'watch') return this.#watch(response, place, query)
    const body = await text(request)
    const reply = kind === 'list' ? this.#list(place, query) : this.#answerTo(request, place, body)
    reply(response, request)
  }

  async #beginList(response: ServerResponse): Promise<void> {
    this.listing.now += 1
    this.listing.most = Math.max(this.listing.most, this.listing.now)
    response.once('close', () => (this.listing.now -= 1))
    if (this.listMs > 0) await wait(this.listMs)
  }

  #list({ plural, namespace }: Place, query: URLSearchParams): Takeover {
    const from = Number(query.get('continue') ?? 0)
    const to = from + Number(query.get('limit') ?? Infinity)
    const all = [...this.#objects]
      .filter(([key, { metadata }]) => key.startsWith(`${plural}/`) && isIn(namespace, metadata.namespace))
      .map(([, one]) => one)
    const metadata = {
      resourceVersion: String(this.#version),
      ...(to < all.length && { continue: String(to) }),
    }
    const page = answer(200, { kind: `${kindOf(plural)}List`, metadata, items: all.slice(from, to) })
    return (response, request) => {
      const before = request.socket.bytesWritten
      response.once('finish', () => this.pageBytes.push(request.socket.bytesWritten - before))
      page(response, request)
    }
  }

  #watch(response: ServerResponse, { plural, namespace }: Place, query: URLSearchParams): void {
    const from = Number(query.get('resourceVersion'))
    if (from < this.#floor) return statusAnswer(410)(response, response.req)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const name = /^metadata\.name=(.+)$/u.exec(query.get('fieldSelector') ?? '')?.[1]
    const watch = { plural, namespace, name, response }
    const missed = this.#history.filter((past) => past.version > from && concerns(watch, past))
    for (const { line } of missed) if (!this.muted) response.write(line)
    this.#watches.add(watch)
    const end = (): void => {
      const object = { kind: kindOf(plural), metadata: { resourceVersion: String(this.#version) } }
      // As the real one: a version that a watch has passed already is not told.
      if (this.#version > from && !this.muted)
        response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
      response.end()
    }
    const timer = setTimeout(end, Number(query.get('timeoutSeconds')) * 1000)
    response.on('close', () => {
      clearTimeout(timer)
      this.#watches.delete(watch)
    })
  }

  #answerTo({ method, headers }: IncomingMessage, { plural, name }: Place, body: string): Takeover {
    const { metadata = {}, spec = {} } = (body === '' ? {} : JSON.parse(body)) as Sent
    const called = name ?? String(metadata.name)
    const found = this.get(called, plural)
    if (method === 'POST') {
      if (found !== undefined) return failure(409, 'AlreadyExists', called)
      return answer(201, this.put(called, spec, metadata, plural))
    }
    if (found === undefined) return failure(404, 'NotFound', called)
    if (method !== 'PATCH') return answer(200, found)
    // What a JSON patch says is for the real API server: here it is enough that it changes something.
    if (headers['content-type'] === 'application/json-patch+json')
      return answer(200, this.put(called, { ...found.spec, patched: this.#version }, {}, plural))
    if (metadata.resourceVersion !== found.metadata.resourceVersion) return failure(409, 'Conflict', called)
    return answer(200, this.put(called, { ...found.spec, ...spec }, found.metadata, plural))
  }
}

function placeOf(path: string): Place | undefined {
  const found = /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?/u.exec(path)
  return found?.[2] === undefined ? undefined : { namespace: found[1], plural: found[2], name: found[3] }
}

const kindOf = (plural: string): string => `${plural.slice(0, 1).toUpperCase()}${plural.slice(1, -1)}`

const isIn = (wanted: string | undefined, namespace: string): boolean => (wanted ?? namespace) === namespace

const concerns = (watch: Watch, { plural, namespace, name }: Omit<Told, 'version' | 'line'>): boolean =>
  watch.plural === plural && isIn(watch.namespace, namespace) && (watch.name ?? name) === name
