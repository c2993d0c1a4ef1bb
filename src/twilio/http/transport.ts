import { Pool } from 'undici'
import { createConnect } from './connection.ts'
import { withDeadline } from '../../time/deadline.ts'
import { exchangeOver, type Exchange, type Request } from './exchange.ts'
import { sendOneShot } from './one-shot-request.ts'

export interface Transport {
  /** Over a kept connection, for what changes nothing: whether a broken request was sent is not certain. */
  read(request: Request): Promise<Exchange>
  /**
   * Over a connection of its own: a failure before it stands is certainly `not-sent`, and no stale kept connection
   * leaves a doubt. `begin` is asked before connecting and again right before the send; if it throws: `not-sent`.
   */
  write(request: Request, begin: () => void): Promise<Exchange>
  /** Reads in flight are given up, writes in flight finish. */
  close(): Promise<void>
}

/** The call took longer than it may, in all: connecting, headers and body. */
class DeadlinePassed extends Error {
  readonly code = 'CALL_TIMEOUT'
  constructor(milliseconds: number) {
    super(`no complete answer within ${milliseconds} ms`)
    this.name = 'DeadlinePassed'
  }
}

/** Milliseconds for which an idle connection is kept, unless Twilio's `Keep-Alive` says less. */
const IDLE_MS = 30_000

/** Everything goes to `origin`; each exchange ends within `callTimeoutMs`, whose deadline replaces undici's own. */
export function createTransport(origin: string, callTimeoutMs: number, proxy: URL | undefined): Transport {
  const connect = createConnect(callTimeoutMs, proxy)
  const pool = new Pool(origin, { connect, keepAliveTimeout: IDLE_MS, headersTimeout: 0, bodyTimeout: 0 })
  const closing = new AbortController()
  const writes = new Set<Promise<Exchange>>()

  const late = (): Error => new DeadlinePassed(callTimeoutMs)

  function read(request: Request): Promise<Exchange> {
    const work = (signal: AbortSignal): Promise<Exchange> => exchangeOver(pool, request, signal)
    return withDeadline(callTimeoutMs, closing.signal, work, late)
  }

  async function write(request: Request, begin: () => void): Promise<Exchange> {
    const send = (signal: AbortSignal): Promise<Exchange> =>
      sendOneShot({ origin, connect, request, begin, signal })
    const exchange = withDeadline(callTimeoutMs, undefined, send, late)
    writes.add(exchange)
    try {
      return await exchange
    } finally {
      writes.delete(exchange)
    }
  }

  async function close(): Promise<void> {
    closing.abort(new Error('the client was closed'))
    await Promise.allSettled(writes)
    await pool.close()
  }

  return { read, write, close }
}
