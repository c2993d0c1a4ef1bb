import { createServer, type Server } from 'node:http'

export interface HttpAddress {
  readonly host: string
  readonly port: number
}

export interface Answer {
  readonly status: number
  readonly contentType?: string
  readonly body: string
}

export interface HttpServer {
  readonly port: number
  stop(): Promise<void>
}

export interface HttpServerOptions {
  readonly address: HttpAddress
  readonly routes: Readonly<Record<string, () => Promise<Answer>>>
}

/** Serves a few fixed paths by GET. Rejects with one clear sentence when the address cannot be had. */
export async function startHttpServer({ address, routes }: HttpServerOptions): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const route = routes[(request.url ?? '').split('?')[0] ?? '']
    void (route === undefined ? NOT_FOUND : route().catch(() => FAILED)).then(
      ({ status, contentType, body }) => {
        response.writeHead(status, { 'content-type': contentType ?? 'text/plain; charset=utf-8' }).end(body)
      },
    )
  })
  server.requestTimeout = 10_000
  await listening(server, address)
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

const NOT_FOUND = Promise.resolve<Answer>({ status: 404, body: 'not found\n' })
const FAILED: Answer = { status: 500, body: 'failed\n' }

function listening(server: Server, { host, port }: HttpAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'is in use by another process'
          : `cannot be listened on (${error.code ?? error.name})`
      reject(new Error(`The address ${host}:${port} ${why}: choose another one`))
    })
    server.listen(port, host, resolve)
  })
}
