import { isDeepStrictEqual } from 'node:util'
import { Pool, type Dispatcher } from 'undici'
import { connector } from '../../network/tunnel.ts'
import { systemTimers, type Clock } from '../../time/clock.ts'
import { within } from '../../time/deadline.ts'
import { UnusableKubeconfig, type CredentialSource, type Credentials } from './credentials.ts'

/** What one request needs. */
export interface ApiTransport {
  readonly origin: string
  /** Before each path; mostly ''. */
  readonly prefix: string
  readonly headers: Credentials['headers']
  readonly dispatcher: Dispatcher
}

export interface TransportOptions {
  readonly credentials: CredentialSource
  readonly clock: Clock
  /** HTTP/1.1 connections at most; a watch holds one. */
  readonly connections: number
}

/** Token and certificate files change without notice, so they are read again after so many milliseconds. */
const REREAD_MS = 30_000
/** Below the 90 s after which an API server closes an idle connection, so that no request meets a dying one. */
const KEEP_ALIVE_MS = 60_000
/** A dead connection is noticed after this and ten probes of a second each. */
const PROBE_AFTER_MS = 10_000

const LONGEST_READING_MS = 20_000

interface Current {
  readonly transport: ApiTransport
  readonly credentials: Credentials
  readonly readAt: number
}

/**
 * One shared pool of connections for every call. It is replaced when server, certificates or proxy change, or when it
 * fell silent; the old one ends with its last request. A credential that cannot be read again is used on until it is
 * refused.
 */
export class Transports {
  readonly #options: TransportOptions
  #current: Current | undefined
  #reading: Promise<ApiTransport> | undefined
  #closed = false
  /** They still carry the requests that were in flight when they were left. */
  readonly #left = new Set<Dispatcher>()

  constructor(options: TransportOptions) {
    this.#options = options
  }

  async current(): Promise<ApiTransport> {
    if (this.#current === undefined) return this.#share(false)
    const { transport, readAt } = this.#current
    if (this.#options.clock.monotonic() - readAt < REREAD_MS) return transport
    return this.#share(false).catch(() => this.#current?.transport ?? transport)
  }

  /** After a 401 on `refused`: one that was read afterwards. Concurrent callers share the reading. */
  async replace(refused: ApiTransport): Promise<ApiTransport> {
    const present = this.#current?.transport
    // One that fell silent has been replaced, with what was refused.
    return present === undefined || present.headers === refused.headers ? this.#share(true) : present
  }

  /**
   * Nothing came over `silent` in time. Where one connection is dead the idle ones may be dead, too, and each would cost
   * another call its timeout; so calls from now on use new connections.
   */
  abandon(silent: ApiTransport): void {
    const current = this.#current
    if (this.#closed || current?.transport.dispatcher !== silent.dispatcher) return
    const dispatcher = dispatcherFor(current.credentials, this.#options.connections)
    this.#current = { ...current, transport: { ...current.transport, dispatcher } }
    this.#leave(silent.dispatcher)
  }

  async close(): Promise<void> {
    this.#closed = true
    const current = this.#current === undefined ? [] : [this.#current.transport.dispatcher]
    await Promise.all([...this.#left, ...current].map((dispatcher) => dispatcher.destroy()))
  }

  #share(fresh: boolean): Promise<ApiTransport> {
    this.#reading ??= this.#read(fresh).finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(fresh: boolean): Promise<ApiTransport> {
    const { credentials, clock, connections } = this.#options
    const next = await within(LONGEST_READING_MS, systemTimers, credentials.read(fresh), tookTooLong)
    const before = this.#current
    const dispatcher = before && samePeer(before.credentials, next) ? before.transport.dispatcher : undefined
    const transport = transportTo(next, dispatcher ?? dispatcherFor(next, connections))
    this.#current = { transport, credentials: next, readAt: clock.monotonic() }
    if (before !== undefined && dispatcher === undefined) this.#leave(before.transport.dispatcher)
    if (this.#closed) await transport.dispatcher.destroy()
    return transport
  }

  #leave(dispatcher: Dispatcher): void {
    this.#left.add(dispatcher)
    // Rejects when it is destroyed before its last request has ended.
    const forget = (): boolean => this.#left.delete(dispatcher)
    dispatcher.close().then(forget, forget)
  }
}

/** An exec plugin may wait for a person who is not there. */
function tookTooLong(): never {
  throw new UnusableKubeconfig('Reading the credentials took longer than 20 s')
}

const samePeer = (one: Credentials, other: Credentials): boolean =>
  one.server === other.server && one.proxy === other.proxy && isDeepStrictEqual(one.tls, other.tls)

function transportTo({ server, headers }: Credentials, dispatcher: Dispatcher): ApiTransport {
  const { origin, pathname } = new URL(server)
  return { origin, prefix: pathname.replace(/\/$/u, ''), headers, dispatcher }
}

function dispatcherFor({ server, tls, proxy }: Credentials, connections: number): Dispatcher {
  const settings = { keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS, timeout: 10_000, ...tls }
  const connect = connector(settings, proxy === undefined ? undefined : new URL(proxy))
  return new Pool(new URL(server).origin, { keepAliveTimeout: KEEP_ALIVE_MS, connections, connect })
}
