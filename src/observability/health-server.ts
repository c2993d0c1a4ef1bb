import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'

export interface HttpAddress {
  /** Empty: every interface, IPv6 where there is any. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

export interface HttpAnswer {
  readonly status: number
  /** Plain text unless said. */
  readonly contentType?: string
  readonly body: string
}

export interface HttpServer {
  /** The port that was bound. */
  readonly port: number
  /** Cuts what is open. */
  stop(): Promise<void>
}

export interface HttpServerOptions {
  readonly address: HttpAddress
  /** By path. A route that rejects is answered with 500, without its reason. */
  readonly routes: Readonly<Record<string, () => Promise<HttpAnswer>>>
}

/** Milliseconds in which a client must have sent its headers: probes and scrapers do so at once. */
const HEADERS_MS = 2_000
/** Milliseconds that a client may take for its request, and for reading a part of the answer. */
const PATIENCE_MS = 10_000
const LOOK_FOR_LATE_MS = 500

/** Connections to one server at a time, so that nobody who reaches the port can use up the sockets of the process. */
const MOST_CONNECTIONS = 64

/** Serves a few fixed paths by GET and HEAD. Rejects with one clear sentence when the address cannot be had. */
export async function startHttpServer({ address, routes }: HttpServerOptions): Promise<HttpServer> {
  const timing = { headersTimeout: HEADERS_MS, requestTimeout: PATIENCE_MS }
  const server = createServer(
    { ...timing, connectionsCheckingInterval: LOOK_FOR_LATE_MS },
    answerFrom(new Map(Object.entries(routes))),
  )
  server.setTimeout(PATIENCE_MS)
  boundConnections(server)
  await listening(server, address)
  // A connection that could not be accepted, for want of file descriptors: its client tries again.
  server.on('error', () => undefined)
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : address.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/**
 * For one connection too many another one goes: the one that has been idle for longest. So a crowd of clients that say
 * nothing keeps no probe out, and a probe is cut by no later one while it is being answered.
 */
function boundConnections(server: Server): void {
  /** Whether it is being answered; the one that was used last comes last. */
  const open = new Map<Socket, boolean>()
  const used = (socket: Socket, answering: boolean): void => {
    if (open.delete(socket)) open.set(socket, answering)
  }
  server.on('connection', (socket: Socket) => {
    if (open.size >= MOST_CONNECTIONS) {
      const oldest = [...open].find(([, answering]) => !answering) ?? [...open][0]
      oldest?.[0].destroy()
      if (oldest !== undefined) open.delete(oldest[0])
    }
    open.set(socket, false)
    socket.once('close', () => open.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    used(socket, true)
    response.once('close', () => used(socket, false))
  })
}

function answerFrom(routes: ReadonlyMap<string, () => Promise<HttpAnswer>>): RequestListener {
  return ({ method = '', url = '' }, response) => {
    const answer = READING.includes(method) ? routes.get(url.split('?', 1).join(''))?.() : METHOD_NOT_ALLOWED
    void (answer ?? NOT_FOUND)
      .catch(() => FAILED)
      .then(({ status, contentType = 'text/plain; charset=utf-8', body }) => {
        response.writeHead(status, { 'content-type': contentType }).end(body)
      })
  }
}

const READING: readonly string[] = ['GET', 'HEAD']
const METHOD_NOT_ALLOWED = Promise.resolve<HttpAnswer>({ status: 405, body: 'only GET and HEAD\n' })
const NOT_FOUND = Promise.resolve<HttpAnswer>({ status: 404, body: 'not found\n' })
const FAILED: HttpAnswer = { status: 500, body: 'failed\n' }

/** The message is one clear sentence. */
class AddressUnavailable extends Error {
  override readonly name = 'AddressUnavailable'
}

function listening(server: Server, { host, port }: HttpAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'is in use by another process'
          : `cannot be listened on (${error.code ?? error.name})`
      reject(new AddressUnavailable(`The address ${host}:${port} ${why}: choose another one`))
    })
    server.listen({ port, ...(host === '' ? {} : { host }) }, resolve)
  })
}
