import type { ServerResponse } from 'node:http'
import { startScriptedServer } from './scripted-server.ts'

/** A server behind a proxy that notes what reaches it. Paths with `watch=true` are answered by what `say` is told. */
export interface UpstreamUnderTest extends AsyncDisposable {
  readonly url: string
  /** `METHOD path body` of each request, in order. */
  seen(): readonly string[]
  /** Sends a line to every open watch. */
  say(line: string): void
  watches(): number
}

export async function startUpstream(): Promise<UpstreamUnderTest> {
  const watches = new Set<ServerResponse>()
  const server = await startScriptedServer()
  server.script(({ url }, response) => {
    if (!url.includes('watch=true')) {
      response.writeHead(201, { 'content-type': 'application/json', 'x-own': 'yes' }).end('{"made":true}')
      return
    }
    response.writeHead(200).flushHeaders()
    watches.add(response)
    response.once('close', () => watches.delete(response))
  })
  return {
    url: server.url,
    seen: () => server.seen.map(({ method, url, body }) => `${method} ${url} ${body}`.trimEnd()),
    say: (line) => watches.forEach((watch) => watch.write(`${line}\n`)),
    watches: () => watches.size,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
