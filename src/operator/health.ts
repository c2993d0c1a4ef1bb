import { startHttpServer, type HttpServer } from '../observability/health-server.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Options } from '../options/options.ts'
import type { CrdCheck } from './crd-check.ts'

/** How far the process has come. */
export interface Readiness {
  synced: boolean
  /** Monotonic ms. */
  leadingSince: number | undefined
}

/** For `/readyz`, in one sentence. `ending`: signals of the end. */
export function notReadyReason(
  { synced }: Readiness,
  crdCheck: Pick<CrdCheck, 'problem'>,
  ending: readonly AbortSignal[],
): string | undefined {
  if (ending.some(({ aborted }) => aborted)) return 'ending'
  return crdCheck.problem() ?? (synced ? undefined : 'caches not yet filled')
}

export interface Health {
  /** Why this process could not act if it led, in one sentence; undefined: it could. Whether it leads does not matter. */
  readonly unready: () => string | undefined
  /** The lease of this leader ran out long ago, and it is still here. */
  readonly overdue: () => boolean
}

/** `/metrics`, `/healthz` and `/readyz`, where they are switched on. */
export async function serveEndpoints(
  options: Options,
  metrics: Metrics,
  { unready, overdue }: Health,
): Promise<HttpServer[]> {
  const servers: HttpServer[] = []
  if (options.metricsAddress !== undefined) {
    const scrape = async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.text() })
    servers.push(await startHttpServer({ address: options.metricsAddress, routes: { '/metrics': scrape } }))
  }
  if (options.healthAddress !== undefined) {
    const healthz = async () =>
      overdue()
        ? { status: 503, body: 'the lease ran out long ago, and this process has not ended\n' }
        : { status: 200, body: 'ok\n' }
    const readyz = async () => {
      const why = unready()
      return why === undefined ? { status: 200, body: 'ok\n' } : { status: 503, body: `${why}\n` }
    }
    servers.push(
      await startHttpServer({
        address: options.healthAddress,
        routes: { '/healthz': healthz, '/readyz': readyz },
      }),
    )
  }
  return servers
}
