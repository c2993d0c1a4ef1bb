import { Client } from 'undici'
import type { Socket } from 'node:net'
import { openConnection, type Connect } from './connection.ts'
import { exchangeOver, type Exchange, type Request } from './exchange.ts'

export interface LoneExchange {
  readonly origin: string
  readonly connect: Connect
  readonly request: Request
  /** Asked right before the send; what it throws means `not-sent`. */
  readonly begin: () => void
  readonly signal: AbortSignal
}

/**
 * Sends one request over a connection of its own, once. Guarantees: until the connection stands, every failure is
 * `not-sent`; from then on none is, whatever it looks like. Never rejects.
 */
export async function exchangeAlone(exchange: LoneExchange): Promise<Exchange> {
  const { origin, request, signal } = exchange
  const socket = await connectAndBegin(exchange)
  if (socket instanceof NotBegun) return { end: 'not-sent', cause: socket.reason }
  const client = new Client(origin, { connect: handOver(socket), headersTimeout: 0, bodyTimeout: 0 })
  try {
    return await exchangeOver(client, request, signal)
  } finally {
    socket.destroy()
    void client.destroy()
  }
}

class NotBegun {
  readonly reason: unknown
  constructor(reason: unknown) {
    this.reason = reason
  }
}

async function connectAndBegin(exchange: LoneExchange): Promise<Socket | NotBegun> {
  let socket: Socket | undefined
  try {
    exchange.begin()
    socket = await openConnection(exchange.connect, exchange.origin, exchange.signal)
    exchange.begin()
    return socket
  } catch (reason) {
    socket?.destroy()
    return new NotBegun(reason)
  }
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
