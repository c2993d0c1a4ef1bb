import * as http from 'node:http'
import * as https from 'node:https'
import type { IncomingMessage } from 'node:http'

/** A server behind the proxy. */
export interface UpstreamOptions {
  readonly url: string
  /** What is trusted there, PEM. */
  readonly ca?: string
  /** Takes the place of the Host that was asked for: a server may name itself by it. */
  readonly host?: string
}

export interface Forwarded {
  readonly method: string
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

export interface Upstream {
  /** Sends once; resolves with the head of the answer, and `abort` cuts it. */
  send(request: Forwarded, abort?: AbortSignal): Promise<IncomingMessage>
  close(): void
}

/** Belong to one connection, not to the message. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect', 'upgrade']

/** Headers of a message that is sent on whole. */
export function endToEnd(headers: http.IncomingHttpHeaders): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name))
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

export function createUpstream({ url, ca, host }: UpstreamOptions): Upstream {
  const { protocol, hostname, port } = new URL(url)
  const isTls = protocol === 'https:'
  // Handshakes are dear. Without them a fresh connection each leaves no doubt about a stale one.
  const agent = isTls
    ? new https.Agent({ keepAlive: true, maxSockets: Infinity })
    : new http.Agent({ keepAlive: false, maxSockets: Infinity })
  const start = isTls ? https.request : http.request
  return {
    send: ({ method, path, headers, body }, signal) =>
      new Promise((resolve, reject) => {
        const request = start({
          hostname,
          port,
          method,
          path,
          headers: {
            ...endToEnd(headers),
            ...(host !== undefined && { host }),
            ...(body.length > 0 && { 'content-length': body.length }),
          },
          agent,
          ...(isTls && ca !== undefined && { ca }),
          ...(signal !== undefined && { signal }),
        })
        request.once('response', resolve)
        request.once('error', reject)
        request.end(body)
      }),
    close: () => agent.destroy(),
  }
}
