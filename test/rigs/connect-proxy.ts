import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface ConnectProxyOptions {
  /** What it answers in place of 200; undefined: nothing at all, it only hangs up. */
  readonly status?: number | undefined
  /** `user:password` that it wants. */
  readonly wants?: string
  /** Spoken to over TLS. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
  /** The port on 127.0.0.1 to which each tunnel leads, whatever is asked for. Otherwise that of the target. */
  readonly leadsTo?: number
}

export interface ConnectProxy extends AsyncDisposable {
  readonly port: number
  /** The targets that were asked for. */
  readonly asked: readonly string[]
}

/** An HTTP proxy for CONNECT on loopback. */
export async function startConnectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const { tls } = options
  const server: Server = tls === undefined ? createServer() : createTlsServer(tls)
  const asked: string[] = []
  const open = new Set<Duplex>()
  server.on('connect', (request: IncomingMessage, near: Duplex) => {
    asked.push(request.url ?? '')
    open.add(near)
    near.on('error', () => near.destroy())
    const status = statusFor(request, options)
    if (status === 200) open.add(tunnel(request, near, options))
    else near.end(status === undefined ? '' : `HTTP/1.1 ${status} Geheim\r\ncontent-length: 0\r\n\r\n`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    [Symbol.asyncDispose]: async () => {
      for (const end of open) end.destroy()
      server.closeAllConnections()
      server.close()
    },
  }
}

function statusFor({ headers }: IncomingMessage, { wants, ...options }: ConnectProxyOptions) {
  if ('status' in options) return options.status
  const expected = wants === undefined ? undefined : `Basic ${Buffer.from(wants).toString('base64')}`
  return headers['proxy-authorization'] === expected ? 200 : 407
}

function tunnel({ url = '' }: IncomingMessage, near: Duplex, { leadsTo }: ConnectProxyOptions): Socket {
  const far = connect(leadsTo ?? Number(new URL(`http://${url}`).port), '127.0.0.1', () => {
    near.write('HTTP/1.1 200 OK\r\n\r\n')
    near.pipe(far).pipe(near)
  })
  far.on('error', () => near.destroy())
  return far
}
