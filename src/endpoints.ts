import { startHttpServer, type HttpServer } from './health-server.ts'
import type { Metrics } from './metrics.ts'
import type { Options } from './options.ts'

export interface Health {
  /** The caches are filled, and the end has not begun; whether this process leads does not matter. */
  readonly ready: () => boolean
  /** The lease of this leader ran out long ago, and it is still here. */
  readonly overdue: () => boolean
}

/** `/metrics`, `/healthz` and `/readyz`, where they are switched on. */
export async function serveEndpoints(
  options: Options,
  metrics: Metrics,
  { ready, overdue }: Health,
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
    const readyz = async () =>
      ready() ? { status: 200, body: 'ok\n' } : { status: 503, body: 'caches not yet filled\n' }
    servers.push(
      await startHttpServer({
        address: options.healthAddress,
        routes: { '/healthz': healthz, '/readyz': readyz },
      }),
    )
  }
  return servers
}
