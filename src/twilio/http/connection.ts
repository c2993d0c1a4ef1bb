import type { Socket } from 'node:net'
import { connector, type Connect } from '../../network/tunnel.ts'

/** No connection came to stand: name not resolved, refused, timed out, a proxy or TLS failed. So nothing was sent. */
export class ConnectFailed extends Error {
  readonly code: string | undefined
  constructor(reason: Error) {
    super(reason.message, { cause: reason })
    this.name = 'ConnectFailed'
    this.code = 'code' in reason && typeof reason.code === 'string' ? reason.code : undefined
  }
}

const LONGEST_CONNECT_MS = 10_000

/** TLS sessions are resumed, so a connection of its own costs a call little. */
export function createConnect(callTimeoutMs: number, proxy: URL | undefined): Connect {
  const connect = connector({ timeout: Math.min(callTimeoutMs, LONGEST_CONNECT_MS) }, proxy)
  return (options, callback) => {
    connect(options, (...[failure, socket]) => {
      if (failure === null) callback(null, socket)
      else callback(new ConnectFailed(failure), null)
    })
  }
}

/** A connection that stands. Rejects with `ConnectFailed`, also when the signal comes first. */
export function openConnection(connect: Connect, origin: string, signal: AbortSignal): Promise<Socket> {
  const url = new URL(origin)
  const target = {
    protocol: url.protocol,
    hostname: url.hostname.replaceAll(/^\[|\]$/gu, ''),
    host: url.host,
    port: url.port,
  }
  return new Promise((resolve, reject) => {
    const givenUp = (): void => reject(new ConnectFailed(asError(signal.reason)))
    if (signal.aborted) return givenUp()
    signal.addEventListener('abort', givenUp, { once: true })
    connect(target, (...[failure, socket]) => {
      signal.removeEventListener('abort', givenUp)
      if (failure !== null) return reject(failure)
      if (signal.aborted) return socket.destroy()
      resolve(socket)
    })
  })
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('given up')
}
