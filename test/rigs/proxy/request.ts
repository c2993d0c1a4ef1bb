import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exchange, ExchangeLog, Side } from './exchange.ts'
import { requestName } from './request-name.ts'
import type { WholeAnswer, LineAction, RequestAction, Rules, ProxyStrike } from './rule.ts'
import { endToEnd, type Forwarded, type Upstream } from './upstream.ts'
import { passLines } from './watch.ts'

/** What both sides of the proxy share. */
export interface Passage {
  readonly log: ExchangeLog
  readonly requests: Rules<RequestAction>
  readonly lines: Rules<LineAction>
}

interface Visit {
  readonly passage: Passage
  readonly upstream: Upstream
  readonly exchange: Exchange
  readonly forwarded: Forwarded
  readonly response: ServerResponse
  /** The operator's connection has ended. */
  readonly gone: Promise<void>
}

/** Carries out one request of the operator. Never rejects. */
export async function carryOut(
  passage: Passage,
  { side, upstream }: { readonly side: Side; readonly upstream: Upstream },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new Promise<void>((resolve) => response.once('close', resolve))
  response.on('error', () => undefined)
  const body = await bodyOf(request)
  if (body === undefined) return
  const { method = 'GET', url: path = '/', headers } = request
  const name = requestName(side, method, path)
  const exchange = passage.log.open({ side, name, method, path, body: body.toString() })
  void gone.then(() => (exchange.over = true))
  const visit = { passage, upstream, exchange, forwarded: { method, path, headers, body }, response, gone }
  const strike = passage.requests.strike(exchange)
  await (strike === undefined ? pass(visit) : struck(visit, strike)).catch(() =>
    response.socket?.resetAndDestroy(),
  )
}

async function bodyOf(stream: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks)
  } catch {
    return undefined
  }
}

const isWatch = ({ name }: Exchange): boolean => name.includes(':WATCH:')

async function pass(visit: Visit): Promise<void> {
  if (isWatch(visit.exchange)) return passWatch(visit)
  answerWith(visit, await forward(visit))
}

/** Sends the request on, and has the whole answer: not for a watch, which has no end. */
async function forward({ exchange, upstream, forwarded }: Visit): Promise<WholeAnswer> {
  exchange.forwarded = true
  const message = await upstream.send(forwarded)
  const body = await bodyOf(message)
  if (body === undefined) throw new Error('The server broke off its answer')
  exchange.upstreamStatus = message.statusCode ?? 0
  return { status: exchange.upstreamStatus, headers: endToEnd(message.headers), body: body.toString() }
}

function answerWith({ exchange, response }: Visit, { status, headers, body }: WholeAnswer): void {
  if (response.destroyed) return
  exchange.status = status
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** `opened` is called when the headers are on their way. */
async function passWatch(
  { exchange, upstream, forwarded, response, gone, passage }: Visit,
  opened?: () => void,
): Promise<void> {
  const ending = new AbortController()
  void gone.then(() => ending.abort())
  exchange.forwarded = true
  const message = await upstream.send(forwarded, ending.signal)
  exchange.upstreamStatus = message.statusCode ?? 0
  exchange.status = exchange.upstreamStatus
  response.writeHead(exchange.status, endToEnd(message.headers))
  response.flushHeaders()
  opened?.()
  const { lines, log } = passage
  await passLines({ watch: exchange, upstream: message, response, rules: lines, log, gone })
}

async function struck(visit: Visit, strike: ProxyStrike<RequestAction>): Promise<void> {
  const { action } = strike
  switch (action.kind) {
    case 'answer': {
      strike.tell()
      const headers = { 'content-type': 'application/json', ...action.headers }
      return answerWith(visit, { status: action.status, headers, body: action.body ?? '{}' })
    }
    case 'late':
      strike.tell()
      await sleep(action.ms)
      await forward(visit)
      return
    case 'rewrite': {
      const answer = await forward(visit)
      strike.tell()
      return answerWith(visit, action.rewrite(answer))
    }
    case 'note':
      return noted(visit, strike)
    case 'reset':
    case 'swallow':
    case 'hold':
    case 'delay':
      return interrupted(visit, strike, action)
  }
}

async function noted(visit: Visit, strike: ProxyStrike<RequestAction>): Promise<void> {
  const { response, exchange, gone } = visit
  if (isWatch(exchange)) return passWatch(visit, () => strike.tell())
  const sent = new Promise<void>((resolve) => response.once('finish', resolve))
  answerWith(visit, await forward(visit))
  await Promise.race([sent, gone])
  strike.tell()
}

type Interruption = Extract<RequestAction, { readonly phase: 'before' | 'after' }>

/** The same four before the request goes on and after the answer has come. */
async function interrupted(
  visit: Visit,
  strike: ProxyStrike<RequestAction>,
  action: Interruption,
): Promise<void> {
  const { response, gone } = visit
  const answer = action.phase === 'after' ? await forward(visit) : undefined
  strike.tell()
  switch (action.kind) {
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'swallow':
      return gone
    case 'hold':
      await Promise.race([strike.released, gone])
      break
    case 'delay':
      await sleep(action.ms)
      break
  }
  if (response.destroyed) return
  return answer === undefined ? pass(visit) : answerWith(visit, answer)
}
