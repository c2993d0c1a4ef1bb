import { Client } from 'undici'
import type { Socket } from 'node:net'
import type { Connect } from '../../network/tunnel.ts'
import { openConnection } from './connection.ts'
import { exchangeOver, type Exchange, type Request } from './exchange.ts'

export interface OneShotRequest {
  readonly origin: string
  readonly connect: Connect
  readonly request: Request
  /** Asked before connecting and again right before the send; what it throws means `not-sent`. */
  readonly begin: () => void
  readonly signal: AbortSignal
}

/**
 * Sends one request over a connection of its own, once. Guarantees: until the first byte is handed to the connection,
 * every failure is `not-sent`; from then on none is, whatever it looks like. Never rejects.
 */
export async function sendOneShot(exchange: OneShotRequest): Promise<Exchange> {
  const { origin, request, signal } = exchange
  const socket = await connectFirst(exchange)
  if (socket instanceof NotSent) return { end: 'not-sent', cause: socket.reason }
  const gate = askBeforeWriting(socket, exchange.begin)
  const client = new Client(origin, { connect: handOver(socket), headersTimeout: 0, bodyTimeout: 0 })
  try {
    const ended = await exchangeOver(client, request, signal)
    if (gate.begun || ended.end === 'answered') return ended
    return { end: 'not-sent', cause: gate.refused === undefined ? ended.cause : gate.refused.reason }
  } finally {
    socket.destroy()
    void client.destroy()
  }
}

class NotSent {
  readonly reason: unknown
  constructor(reason: unknown) {
    this.reason = reason
  }
}

async function connectFirst(exchange: OneShotRequest): Promise<Socket | NotSent> {
  try {
    exchange.begin()
    return await openConnection(exchange.connect, exchange.origin, exchange.signal)
  } catch (reason) {
    return new NotSent(reason)
  }
}

interface WriteGate {
  /** It said yes: from here on the first byte may be on its way. */
  begun: boolean
  refused: NotSent | undefined
}

/**
 * Asks in the innermost call of Node's that writes, the one that leads to the system's: between an earlier moment and
 * the send the process may be stopped, and the leader by then must not meet a create that was allowed long ago.
 */
function askBeforeWriting(socket: Socket, begin: () => void): WriteGate {
  const gate: WriteGate = { begun: false, refused: undefined }
  const ask = (): void => {
    if (gate.refused !== undefined) throw gate.refused.reason
    if (gate.begun) return
    try {
      begin()
      gate.begun = true
    } catch (reason) {
      gate.refused = new NotSent(reason)
      throw reason
    }
  }
  for (const name of ['_write', '_writev'] as const) {
    const write = socket[name]?.bind(socket) as ((...args: unknown[]) => void) | undefined
    if (write === undefined) throw new TypeError(`This Node.js has no ${name} on a socket`)
    const asking = (...args: unknown[]): void => {
      ask()
      write(...args)
    }
    Object.assign(socket, { [name]: asking })
  }
  return gate
}

/**
 * Once only: a client that lost its connection would otherwise send again. The second failure is no `ConnectFailed`,
 * because by then something may have been sent. The callback waits for a microtask: at once it is not heard.
 */
function handOver(socket: Socket): Connect {
  let given = false
  return (_options, callback) => {
    if (given) return callback(new Error('the connection was lost'), null)
    given = true
    queueMicrotask(() => callback(null, socket))
  }
}
