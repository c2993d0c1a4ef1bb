import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createCluster, type Cluster } from '../../../src/kubernetes/cluster.ts'
import { systemClock } from '../../../src/time/clock.ts'
import { eventually } from '../../rigs/until.ts'
import { FakeApiServer } from './fake-api-server.ts'

const NAMESPACES = Array.from({ length: 200 }, (_, index) => `team-${index}`)
/** LISTs at a time, of all namespaces together. */
const MOST_LISTS = 8

/** A stalled read waits ten seconds and more, whatever else the machine does. */
const PROMPT_MS = 5_000

/** The operator's side of a server, as it is put together. */
async function clusterAt(server: FakeApiServer, namespaces: readonly string[]): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'many-namespaces-'))
  const path = join(folder, 'kubeconfig')
  const named = (name: string, of: string, value: object) => ({ [`${of}s`]: [{ name, [of]: value }] })
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
    ...named('s', 'cluster', { server: server.url, 'insecure-skip-tls-verify': true }),
    ...named('u', 'user', { token: 'canary' }),
    ...named('c', 'context', { cluster: 's', user: 'u' }),
  }
  writeFileSync(path, JSON.stringify(config))
  const silent = (): void => undefined
  const cluster = await createCluster({
    kubeconfig: { path, environment: {} },
    sinkNamespaces: namespaces,
    accountNamespaces: [...namespaces, 'operator'],
    clock: systemClock,
    random: Math.random,
    log: { info: silent, warn: silent, error: silent },
    requireSecretLabel: false,
    version: '0.0.0-test',
    fieldManager: 'test',
    instance: 'test',
    observeCall: silent,
    observeWatch: () => ({}),
    eventDropped: silent,
  })
  onTestFinished(async () => {
    await cluster.close()
    rmSync(folder, { recursive: true })
  })
  return cluster
}

function watchAll(cluster: Cluster): void {
  const end = new AbortController()
  const stopped = Promise.all([cluster.sinks.start(end.signal), cluster.accounts.start(end.signal)])
  onTestFinished(async () => {
    end.abort()
    await stopped
  })
}

/** How long 60 reads take, in milliseconds: as many as a busy leader has under way. */
async function readMany(cluster: Cluster): Promise<number> {
  const began = performance.now()
  const keys = Array.from({ length: 60 }, (_, index) => `team-0/sink-${index}`)
  await Promise.all(keys.map((key) => cluster.sinks.read(key)))
  return performance.now() - began
}

async function serve(): Promise<FakeApiServer> {
  const server = await new FakeApiServer().start()
  onTestFinished(() => server.close())
  return server
}

describe.each([
  ['one watched namespace', NAMESPACES.slice(0, 1)],
  ['200 watched namespaces', NAMESPACES],
])('%s', (_title, namespaces) => {
  it('leave reads and writes their connections', async () => {
    const server = await serve()
    const cluster = await clusterAt(server, namespaces)
    server.listMs = 20
    watchAll(cluster)
    expect(await readMany(cluster), 'while they are listed').toBeLessThan(PROMPT_MS)
    await eventually(() => server.watching === 2 * namespaces.length + 1)
    expect(await readMany(cluster), 'while they are watched').toBeLessThan(PROMPT_MS)
  })

  it(`are listed at a start by ${MOST_LISTS} LISTs at a time at most`, async () => {
    const server = await serve()
    const cluster = await clusterAt(server, namespaces)
    server.listMs = 20
    watchAll(cluster)
    await eventually(() => cluster.sinks.hasSynced() && cluster.accounts.hasSynced())
    expect(server.counts.list).toBe(2 * namespaces.length + 1)
    expect(server.listing.most).toBeLessThanOrEqual(MOST_LISTS)
  })
})

it('a LIST that is not answered leaves the other namespaces their turn', async () => {
  const server = await serve()
  const cluster = await clusterAt(server, NAMESPACES.slice(0, 20))
  for (let lists = 1; lists < MOST_LISTS; lists += 1) server.takeovers.list.push(() => undefined)
  watchAll(cluster)
  await eventually(() => server.watching === 41 - (MOST_LISTS - 1))
})
