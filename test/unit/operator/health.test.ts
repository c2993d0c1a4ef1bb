import { afterEach, expect, it } from 'vitest'
import { serveEndpoints } from '../../../src/operator/health.ts'
import type { HttpServer } from '../../../src/observability/health-server.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { OPERATOR_OPTIONS } from '../../../src/options/options.ts'
import { readOptions } from '../../../src/options/read-options.ts'

let servers: HttpServer[] = []
afterEach(() => Promise.all(servers.map((server) => server.stop())))

it.each([
  { who: 'a replica with filled caches, leader or not', ready: true, overdue: false, answers: [200, 200] },
  { who: 'one whose caches are not filled, or that ends', ready: false, overdue: false, answers: [503, 200] },
  { who: 'a leader that should have ended long ago', ready: true, overdue: true, answers: [200, 503] },
])('$who', async ({ ready, overdue, answers }) => {
  const read = readOptions(OPERATOR_OPTIONS, ['--metrics-address=0', '--health-address=127.0.0.1:0'], {})
  if (read.ok !== true) throw new Error('wrong options')
  const metrics = createMetrics({ version: '', nodeVersion: '' })
  servers = await serveEndpoints(read.options, metrics, {
    unready: () => (ready ? undefined : 'caches not yet filled'),
    overdue: () => overdue,
  })
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${servers[0]?.port}${path}`)).status
  expect([await status('/readyz'), await status('/healthz')]).toEqual(answers)
})
