import type { ServerResponse } from 'node:http'
import { forward, startScriptedServer, type SeenRequest } from '../../rigs/proxy/scripted-server.ts'

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

export interface EchoingTwilio extends AsyncDisposable {
  readonly url: string
  /** Where requests go that need no echo. */
  forwardTo(url: string): void
  /** Reads are answered so from now on; undefined: they are forwarded. `status` where the echo has none of its own. */
  echoReads(how: { readonly echo: Echo; readonly status: number } | undefined): void
  /** From now on creates are forwarded, whatever their description says. */
  echoNoCreates(): void
  /** All that was ever quoted. */
  quoted(): string
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
  const server = await startScriptedServer()
  server.script((seen, response) => {
    const { method, body } = seen
    const asked = /echo:(?<how>[\w-]+)/.exec(new URLSearchParams(body).get('Description') ?? '')?.groups?.how
    const how = method === 'GET' ? reads?.echo : creates.find((echo) => echo === asked)
    if (how === undefined) return forward(target, seen, response)
    const words = wordsOf(seen)
    quoted.push(words)
    respond(response, how, { words, status: method === 'GET' ? reads?.status : undefined })
  })
  return {
    url: server.url,
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
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** The values first, since messages are cut; then everything as it was sent. */
function wordsOf({ headers, body }: SeenRequest): string {
  const configuration = new URLSearchParams(body).get('SinkConfiguration') ?? '{}'
  const values = Object.values(JSON.parse(configuration) as Record<string, unknown>)
  const { authorization = '' } = headers
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
