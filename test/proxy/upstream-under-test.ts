import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server behind a proxy that notes what reaches it. Paths that end in `watch=true` are answered by `lines`. */
export interface UpstreamUnderTest {
  readonly url: string
  /** `METHOD path body` of each request, in order. */
  readonly seen: readonly string[]
  /** Sends a line to every open watch. */
  say(line: string): void
  watches(): number
  stop(): Promise<void>
}

export async function startUpstream(): Promise<UpstreamUnderTest> {
  const seen: string[] = []
  const watches = new Set<ServerResponse>()
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    seen.push(`${request.method} ${request.url} ${body}`.trimEnd())
    if (request.url?.includes('watch=true') !== true) {
      response.writeHead(201, { 'content-type': 'application/json', 'x-own': 'yes' })
      response.end('{"made":true}')
      return
    }
    response.writeHead(200)
    response.flushHeaders()
    watches.add(response)
    response.once('close', () => watches.delete(response))
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    say: (line) => watches.forEach((watch) => watch.write(`${line}\n`)),
    watches: () => watches.size,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
