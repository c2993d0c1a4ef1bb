import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ADMINISTRATION_PREFIX, serveAdministration } from './administration.ts'
import { serveApi } from './api.ts'
import type { World } from './world.ts'

export interface RunningServer {
  readonly url: string
  /** Ends every connection, also those without an answer, and drops what was still to happen. */
  stop(): Promise<void>
}

/** Rejects when the address cannot be used. */
export async function startServer(world: World, host: string, port: number): Promise<RunningServer> {
  const ending = new AbortController()
  const server = createServer((request, response) => {
    serve(world, request, response, ending.signal).catch((error: unknown) => response.destroy(asError(error)))
  })
  await listen(server, host, port)
  return {
    url: urlOf(server, host),
    stop: () => {
      ending.abort()
      return close(server)
    },
  }
}

function serve(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const isAdministration = request.url?.startsWith(ADMINISTRATION_PREFIX) ?? false
  return isAdministration
    ? serveAdministration(world, request, response)
    : serveApi(world, request, response, signal)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function urlOf(server: Server, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
