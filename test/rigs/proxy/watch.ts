import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exchange, ExchangeLog } from './exchange.ts'
import { lineName } from './request-name.ts'
import type { LineAction, Rules, ProxyStrike } from './rule.ts'

export interface WatchStream {
  readonly watch: Exchange
  readonly upstream: IncomingMessage
  readonly response: ServerResponse
  readonly rules: Rules<LineAction>
  readonly log: ExchangeLog
  /** The operator's connection has ended. */
  readonly gone: Promise<void>
}

const TOO_OLD = {
  type: 'ERROR',
  object: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'too old resource version',
    reason: 'Expired',
    code: 410,
  },
}

/** Passes the lines of a watch on, one by one, as the rules have it. Resolves when nothing more will pass. */
export async function passLines(stream: WatchStream): Promise<void> {
  const { upstream, response } = stream
  try {
    for await (const line of linesOf(upstream)) if (!(await passLine(stream, line))) return
    response.end()
  } catch {
    // The server, or the operator, has cut the connection.
    response.socket?.resetAndDestroy()
  }
}

async function* linesOf(upstream: IncomingMessage): AsyncGenerator<string> {
  upstream.setEncoding('utf8')
  let rest = ''
  for await (const chunk of upstream) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line !== '')
  }
}

/** Whether the next line may pass. */
async function passLine(stream: WatchStream, line: string): Promise<boolean> {
  const { watch, rules, log } = stream
  const { side, method, path } = watch
  const exchange = log.open({ side, name: lineName(watch.name, line), method, path, body: line })
  exchange.upstreamStatus = 200
  const strike = rules.strike(exchange)
  if (strike !== undefined) return EFFECTS[strike.action.kind]({ stream, exchange, strike, line })
  return write(stream, exchange, line)
}

function write({ response }: WatchStream, exchange: Exchange, line: string): true {
  exchange.forwarded = true
  exchange.status = 200
  response.write(`${line}\n`)
  return true
}

interface Struck {
  readonly stream: WatchStream
  readonly exchange: Exchange
  readonly strike: ProxyStrike<LineAction>
  readonly line: string
}

const EFFECTS: Readonly<Record<LineAction['kind'], (struck: Struck) => Promise<boolean>>> = {
  freeze: async ({ stream, strike }) => {
    strike.tell()
    await stream.gone
    return false
  },
  drop: async ({ stream: { response, gone }, strike }) => {
    strike.tell()
    const { action } = strike
    await Promise.race([gone, sleep(action.kind === 'drop' ? action.ms : 0)])
    response.socket?.resetAndDestroy()
    return false
  },
  omit: async ({ strike }) => {
    strike.tell()
    return true
  },
  gone: async ({ stream, strike }) => {
    strike.tell()
    stream.response.end(`${JSON.stringify(TOO_OLD)}\n`)
    return false
  },
  half: async ({ stream: { response }, strike, line }) => {
    strike.tell()
    response.write(line.slice(0, line.length / 2), () => response.socket?.resetAndDestroy())
    return false
  },
  hold: async ({ stream, exchange, strike, line }) => {
    strike.tell()
    const isGone = await Promise.race([strike.released.then(() => false), stream.gone.then(() => true)])
    return !isGone && write(stream, exchange, line)
  },
  delay: async ({ stream, exchange, strike, line }) => {
    strike.tell()
    const { action } = strike
    await sleep(action.kind === 'delay' ? action.ms : 0)
    return write(stream, exchange, line)
  },
  note: async ({ stream, exchange, strike, line }) => {
    write(stream, exchange, line)
    strike.tell()
    return true
  },
}
