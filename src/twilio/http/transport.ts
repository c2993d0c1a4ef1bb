import { Pool } from 'undici'
import { createConnect } from './connection.ts'
import { withDeadline } from '../../time/deadline.ts'
import { exchangeOver, type Exchange, type GivenUp, type Request } from './exchange.ts'
import { sendOneShot } from './one-shot-request.ts'

export interface Transport {
  /** Over a kept connection, for what changes nothing: whether a broken request was sent is not certain. */
  read(request: Request, lasting?: boolean): Promise<Exchange | GivenUp>
  /**
   * Over a connection of its own: a failure before it stands is certainly `not-sent`, and no stale kept connection
   * leaves a doubt. `begin` is asked before connecting and again right before the send; if it throws: `not-sent`.
   */
  write(request: Request, begin: () => void): Promise<Exchange>
  /** Reads are given up, those in flight and later ones; not those that are `lasting`. */
  endReads(): void
  /** All reads in flight are given up, writes in flight finish. */
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
  const ending = new AbortController()
  const closing = new AbortController()
  const writes = new Set<Promise<Exchange>>()

  const late = (): Error => new DeadlinePassed(callTimeoutMs)

  async function read(request: Request, lasting = false): Promise<Exchange | GivenUp> {
    const { signal: end } = lasting ? closing : ending
    const work = (signal: AbortSignal): Promise<Exchange> => exchangeOver(pool, request, signal)
    const ended = await withDeadline(callTimeoutMs, end, work, late)
    const isWhole = ended.end === 'answered' && ended.answer.body !== undefined
    return end.aborted && !isWhole ? { end: 'given-up' } : ended
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

  const endReads = (): void => ending.abort(new Error('the process ends'))

  async function close(): Promise<void> {
    endReads()
    closing.abort(new Error('the client was closed'))
    await Promise.allSettled(writes)
    await pool.close()
  }

  return { read, write, endReads, close }
}
