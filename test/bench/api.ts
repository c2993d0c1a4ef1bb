import { createInterface } from 'node:readline'
import { Pool } from 'undici'
import { administratorOf, Refused } from '../rigs/control-plane/api-access.ts'
import type { ClusterAddress } from '../rigs/control-plane/cluster-access.ts'

export const SINKS = '/apis/events.twilio.com/v1alpha1/sinks'
export const sinksOf = (namespace: string): string =>
  `/apis/events.twilio.com/v1alpha1/namespaces/${namespace}/sinks`

/** One client at the API server, over as many connections of HTTP/1.1 as it has requests at a time. */
export interface BenchApi {
  /** Resolves with the answer. Rejects for every status from 400 on. */
  call(method: string, path: string, body?: unknown): Promise<unknown>
  /** Resolves when the watch has begun; tells each event until the client is closed. */
  watch(path: string, tell: (event: unknown) => void): Promise<void>
  close(): Promise<void>
}

export function benchApi(cluster: ClusterAddress, userAgent: string): BenchApi {
  const { authorization, ca } = administratorOf(cluster)
  // No limit on a body: a watch may be silent for long.
  const pool = new Pool(cluster.url, { allowH2: false, bodyTimeout: 0, connect: { ca } })
  const headers = { authorization, 'user-agent': userAgent }
  return {
    call: async (method, path, body) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      const answer = await pool.request({
        method,
        path,
        headers: body === undefined ? headers : { ...headers, 'content-type': type },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await answer.body.text()
      if (answer.statusCode < 400) return JSON.parse(text) as unknown
      throw new Refused(`${method} ${path}`, { status: answer.statusCode, body: text })
    },
    watch: async (path, tell) => {
      const { statusCode, body } = await pool.request({ method: 'GET', path, headers })
      if (statusCode >= 400)
        throw new Refused(`WATCH ${path}`, { status: statusCode, body: await body.text() })
      createInterface({ input: body })
        .on('line', (line) => tell(JSON.parse(line)))
        // The end of the client ends the watch.
        .on('error', () => undefined)
    },
    close: () => pool.destroy(),
  }
}
