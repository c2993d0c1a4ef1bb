import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Which connection it came over, counted from 1. */
  readonly connection: number
}

export type ScriptedReply = (
  seen: SeenRequest,
  response: ServerResponse,
  socket: Socket,
) => void | Promise<void>

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string
  readonly seen: readonly SeenRequest[]
  readonly connections: () => number
  /** The most requests that were open at the same time. */
  readonly mostAtOnce: () => number
  /** Answers of the next requests; the last one is for all that follow. */
  script(...replies: ScriptedReply[]): void
}

/** A server on loopback that answers as scripted, over real sockets. */
export async function startScriptedServer(
  options: { keepAliveTimeout?: number } = {},
): Promise<ScriptedServer> {
  const seen: SeenRequest[] = []
  const numbers = new WeakMap<Socket, number>()
  let replies: ScriptedReply[] = [(_seen, response) => void response.writeHead(500).end()]
  let connections = 0
  let open = 0
  let most = 0
  const server = createServer(
    { keepAliveTimeout: options.keepAliveTimeout ?? 60_000 },
    (request, response) => {
      open++
      most = Math.max(most, open)
      response.on('close', () => open--)
      answer(request, response).catch(() => request.socket.destroy())
    },
  )
  server.on('connection', (socket) => numbers.set(socket, ++connections))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => '')
    const { method = '', url = '', headers, socket } = request
    const one = { method, url, headers, body, connection: numbers.get(socket) ?? 0 }
    seen.push(one)
    const reply = replies.length > 1 ? replies.shift() : replies[0]
    await reply?.(one, response, socket)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    connections: () => connections,
    mostAtOnce: () => most,
    script: (...next) => {
      replies = next
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): ScriptedReply =>
  (_seen, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body))

export const raw =
  (status: number, body: string, headers: Record<string, string> = {}): ScriptedReply =>
  (_seen, response) =>
    void response.writeHead(status, headers).end(body)

export const twilioError = (status: number, code: number, message = 'Twilio says no'): ScriptedReply =>
  json(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })

/** The connection is reset without an answer, after the request was read. */
export const resetAfterRead: ScriptedReply = (_seen, _response, socket) => void socket.resetAndDestroy()

/** Sends the request on to another server, and its answer back, whose text `change` may change. */
export async function forward(
  to: string,
  { method, url, headers, body }: SeenRequest,
  response: ServerResponse,
  change: (text: string) => string = (same) => same,
): Promise<void> {
  const { authorization = '', 'content-type': type = '' } = headers
  const answer = await fetch(to + url, {
    method,
    headers: { authorization, ...(type !== '' && { 'content-type': type }) },
    ...(body !== '' && { body }),
  })
  response
    .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' })
    .end(change(await answer.text()))
}

/** No answer ever. */
export const hang: ScriptedReply = () => undefined

/** Headers that promise more than what comes, then the connection ends. */
export const half =
  (status: number, body: string): ScriptedReply =>
  (_seen, response, socket) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length + 100 })
    response.write(body, () => socket.destroy())
  }
