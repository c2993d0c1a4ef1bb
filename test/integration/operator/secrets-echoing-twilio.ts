import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'

/** How an answer quotes what the request held. */
export const ECHOES = [
  'classic',
  'encoded',
  'rfc9457',
  'html',
  'server-error',
  'half-answer',
  'redirect',
  'broken-head',
  'headers',
] as const
export type Echo = (typeof ECHOES)[number]

export interface EchoingTwilio {
  readonly url: string
  /** Where requests go that need no echo. */
  forwardTo(url: string): void
  /** Reads are answered so from now on; undefined: they are forwarded. `status` where the echo has none of its own. */
  echoReads(how: { readonly echo: Echo; readonly status: number } | undefined): void
  /** From now on creates are forwarded, whatever their description says. */
  echoNoCreates(): void
  /** All that was ever quoted. */
  quoted(): string
  stop(): Promise<void>
}

/**
 * Stands before the simulator and makes errors that quote all of the request. A create is answered so when its
 * description says `echo:<how>`.
 */
export async function startEchoingTwilio(): Promise<EchoingTwilio> {
  let target = ''
  let reads: { echo: Echo; status: number } | undefined
  let creates: readonly Echo[] = ECHOES
  const quoted: string[] = []
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => request.socket.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readText(request)
    const asked = /echo:(?<how>[\w-]+)/.exec(new URLSearchParams(body).get('Description') ?? '')?.groups?.how
    const how = request.method === 'GET' ? reads?.echo : creates.find((echo) => echo === asked)
    if (how === undefined) return forward(target, { request, response, body })
    const words = wordsOf(request, body)
    quoted.push(words)
    respond(response, how, { words, status: request.method === 'GET' ? reads?.status : undefined })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwardTo: (url) => {
      target = url
    },
    echoReads: (how) => {
      reads = how
    },
    echoNoCreates: () => {
      creates = []
    },
    quoted: () => quoted.join('\n'),
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Passing {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: string
}

async function forward(target: string, { request, response, body }: Passing): Promise<void> {
  const { authorization = '', 'content-type': type = '' } = request.headers
  const method = request.method ?? 'GET'
  const answer = await fetch(target + (request.url ?? ''), {
    method,
    headers: { authorization, ...(type !== '' && { 'content-type': type }) },
    ...(body !== '' && { body }),
  })
  const text = await answer.text()
  // Pages must lead here again.
  const headers = { 'content-type': answer.headers.get('content-type') ?? 'application/json' }
  response.writeHead(answer.status, headers).end(text)
}

/** The values first, since messages are cut; then everything as it was sent. */
function wordsOf(request: IncomingMessage, body: string): string {
  const configuration = new URLSearchParams(body).get('SinkConfiguration') ?? '{}'
  const values = Object.values(JSON.parse(configuration) as Record<string, unknown>)
  const { authorization = '' } = request.headers
  const credential = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString()
  const texts = values.map(String)
  if (body.includes('echo%3Aencoded')) return texts.flatMap(encodingsOf).join(' and ')
  return [...texts, credential, authorization, configuration, body].join(' and ')
}

const encodingsOf = (text: string): string[] => [
  Buffer.from(text).toString('base64'),
  Buffer.from(text).toString('base64url'),
  encodeURIComponent(text),
]

function respond(
  response: ServerResponse,
  how: Echo,
  { words, status }: { readonly words: string; readonly status: number | undefined },
): void {
  const json = (code: number, value: unknown) =>
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  const message = `Cannot use ${words}`
  switch (how) {
    case 'classic':
    case 'encoded':
      return void json(status ?? 400, { code: codeFor(status), message, status: status ?? 400 })
    case 'rfc9457':
      return void json(422, { type: message, title: message, detail: message, status: 422, code: 91000 })
    case 'html':
      return void response.writeHead(status ?? 400, { 'content-type': 'text/html' }).end(`<p>${message}</p>`)
    case 'server-error':
      return void json(500, { code: 20500, message, status: 500 })
    case 'half-answer':
      return void response
        .writeHead(201)
        .end(`{"sid": "DG", "description": ${JSON.stringify(message)}, "sink`)
    case 'redirect':
      return void response
        .writeHead(302, { location: `https://example.com/${encodeURIComponent(words)}` })
        .end()
    case 'broken-head':
      response.socket?.end(`HTTP/1.1 ${words.replaceAll(/\s/gu, ' ')}\r\n${words}\r\n\r\n`)
      return undefined
    case 'headers':
      return void response
        .writeHead(429, {
          'retry-after': token(words),
          'twilio-request-id': token(words),
          'x-why': token(words),
        })
        .end(message)
  }
}

const codeFor = (status: number | undefined): number => {
  if (status === 401) return 20003
  return status === 403 ? 70051 : 91000
}

/** What may stand in a header. */
const token = (text: string): string => text.replaceAll(/[^\x20-\x7e]/gu, ' ')
