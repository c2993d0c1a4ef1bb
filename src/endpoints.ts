import { startHttpServer, type HttpServer } from './health-server.ts'
import type { Metrics } from './metrics.ts'
import type { Options } from './options.ts'

/** `/metrics`, `/healthz` and `/readyz`, where they are switched on. Ready means that the caches are filled. */
export async function serveEndpoints(
  options: Options,
  metrics: Metrics,
  health: { ready: boolean },
): Promise<HttpServer[]> {
  const servers: HttpServer[] = []
  if (options.metricsAddress !== undefined) {
    const scrape = async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.text() })
    servers.push(await startHttpServer({ address: options.metricsAddress, routes: { '/metrics': scrape } }))
  }
  if (options.healthAddress !== undefined) {
    const healthz = async () => ({ status: 200, body: 'ok\n' })
    const readyz = async () =>
      health.ready ? { status: 200, body: 'ok\n' } : { status: 503, body: 'caches not yet filled\n' }
    servers.push(
      await startHttpServer({
        address: options.healthAddress,
        routes: { '/healthz': healthz, '/readyz': readyz },
      }),
    )
  }
  return servers
}
