import { Socket } from 'node:net'
import { buildConnector, Client } from 'undici'

export type Connect = buildConnector.connector

/**
 * No connection came to stand because of the proxy, so nothing was sent. The message names its host and quotes nothing
 * that it said. `code` is none of undici's, which tries some of its own for ever.
 */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure'
  readonly code = 'PROXY_FAILURE'
}

/** How connections are made: TLS, keep-alive, and how long each step may take. */
export type ConnectSettings = buildConnector.BuildOptions & { readonly timeout: number }

/** HTTP/1.1 only. Without a proxy the target is reached directly. */
export function connector(settings: ConnectSettings, proxy: URL | undefined): Connect {
  const connect = buildConnector({ ...settings, allowH2: false })
  return proxy === undefined ? connect : throughTunnel(connect, settings.timeout, proxy)
}

/**
 * A connection over CONNECT: the proxy sees the name of the target, and no more of an https request. For an http target,
 * too, since the proxy is then spoken to in one way only.
 */
function throughTunnel(connect: Connect, timeout: number, proxy: URL): Connect {
  const toProxy = connectorTo(proxy, timeout)
  return (target, callback) => {
    tunnelTo(target, { proxy, toProxy, timeout }).then(
      (httpSocket) => {
        if (target.protocol === 'https:') secure(connect, { ...target, httpSocket }, callback)
        else callback(null, httpSocket)
      },
      (failure: unknown) => callback(asProxyFailure(proxy, failure), null),
    )
  }
}

/** Settings that TLS cannot use are thrown at once, and here nobody else would catch that. */
function secure(connect: Connect, target: buildConnector.Options, callback: buildConnector.Callback): void {
  try {
    connect(target, callback)
  } catch (error) {
    target.httpSocket?.destroy()
    callback(error instanceof Error ? error : new Error('no TLS'), null)
  }
}

/** The names that undici hands over are those of the target. */
function connectorTo(proxy: URL, timeout: number): Connect {
  const connect = buildConnector({ allowH2: false, timeout })
  const { protocol, host, port } = proxy
  const place = { protocol, host, port, hostname: proxy.hostname.replaceAll(/^\[|\]$/gu, '') }
  return (_target, callback) => {
    connect(place, (...[failure, socket]) => {
      if (failure === null) callback(null, socket)
      else callback(asProxyFailure(proxy, failure), null)
    })
  }
}

interface Way {
  readonly proxy: URL
  readonly toProxy: Connect
  readonly timeout: number
}

async function tunnelTo(target: buildConnector.Options, { proxy, toProxy, timeout }: Way): Promise<Socket> {
  const client = new Client(proxy.origin, { connect: toProxy, headersTimeout: timeout })
  try {
    const path = targetOf(target)
    const { statusCode, socket } = await client.connect({
      path,
      headers: { host: path, ...authorization(proxy) },
    })
    if (statusCode === 200 && socket instanceof Socket) return socket
    socket.on('error', () => undefined).destroy()
    throw new ProxyFailure(`the proxy ${proxy.host} ${refusal(statusCode, proxy, path)}`)
  } finally {
    // The tunnel is no longer the client's.
    void client.destroy()
  }
}

function targetOf(target: buildConnector.Options): string {
  const name = target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname
  const usual = target.protocol === 'https:' ? '443' : '80'
  return `${name}:${target.port === '' ? usual : target.port}`
}

function authorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

function refusal(status: number, { username }: URL, target: string): string {
  if (status !== 407) return `does not connect to ${target}: it answers with status ${status}`
  return username === ''
    ? 'wants a user name and a password (status 407)'
    : 'refuses the user name or the password that it was given (status 407)'
}

function asProxyFailure({ host }: URL, failure: unknown): ProxyFailure {
  if (failure instanceof ProxyFailure) return failure
  const code = failure instanceof Error && 'code' in failure ? failure.code : undefined
  const why = typeof code === 'string' && /^\w{1,64}$/u.test(code) ? ` (${code})` : ''
  return new ProxyFailure(`the proxy ${host} does not answer${why}`)
}
