import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createExchangeLog, type Exchange, type Side } from './exchange.ts'
import { carryOut, type Passage } from './request.ts'
import { createRules, type Armed, type LineAction, type RequestAction, type ProxyRule } from './rule.ts'
import { createUpstream, type Upstream, type UpstreamOptions } from './upstream.ts'

/**
 * Stands between an operator and both of its worlds, sees every request and every line of a watch, and does with them
 * what a test orders. Headers pass unchanged: who may do what is judged by the real servers.
 */
export interface Proxy {
  /** Where the operator finds the API server: plain HTTP. */
  readonly kubernetesUrl: string
  /** For `--twilio-base-url`. */
  readonly twilioUrl: string
  /** The newest, at least 10,000 of them, oldest first. */
  log(): readonly Exchange[]
  /** `listener` is told of each request or line as it arrives, before any rule, and MUST NOT throw. Returns how to end it. */
  onArrival(listener: (exchange: Exchange) => void): () => void
  /** Of several rules that match, the oldest strikes. */
  onRequest(rule: ProxyRule<RequestAction>): Armed
  onLine(rule: ProxyRule<LineAction>): Armed
  /** Disarms every rule and forwards what they hold. */
  clearRules(): void
  /** Ends every connection. */
  stop(): Promise<void>
}

export interface ProxyOptions {
  readonly kubernetes: UpstreamOptions
  readonly twilio: UpstreamOptions
}

/** Longer than the operator keeps an idle connection, so that it never meets one that is being closed. */
const KEEP_ALIVE_MS = 120_000

export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const log = createExchangeLog()
  const requests = createRules<RequestAction>()
  const lines = createRules<LineAction>()
  const passage = { log, requests, lines }
  const kubernetes = await startSide('kubernetes', options.kubernetes, passage)
  const twilio = await startSide('twilio', options.twilio, passage)
  return {
    kubernetesUrl: kubernetes.url,
    twilioUrl: twilio.url,
    log: () => log.all(),
    onArrival: (listener) => log.onOpen(listener),
    onRequest: (rule) => requests.arm(rule),
    onLine: (rule) => lines.arm(rule),
    clearRules: () => {
      requests.clear()
      lines.clear()
    },
    stop: async () => {
      await Promise.all([kubernetes.stop(), twilio.stop()])
    },
  }
}

interface RunningSide {
  readonly url: string
  stop(): Promise<void>
}

async function startSide(side: Side, options: UpstreamOptions, passage: Passage): Promise<RunningSide> {
  const upstream = createUpstream(options)
  const server = createServer((request, response) => {
    void carryOut(passage, { side, upstream }, request, response)
  })
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.requestTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, stop: () => stop(server, upstream) }
}

async function stop(server: Server, upstream: Upstream): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  upstream.close()
  await closed
}
