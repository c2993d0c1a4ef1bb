import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LeaseClient } from '../../../src/kubernetes/lease.ts'
import { startFakeLeases, type FakeLeases } from './fake-leases.ts'
import { leaseSuite } from './lease-suite.ts'
import { connect } from './widget-store.ts'

let server: FakeLeases
const connections: { close(): Promise<void> }[] = []
let count = 0

const clientOf = (name: string, timeoutMs = 5_000) => {
  const connection = connect(server.url, { connections: 3 })
  connections.push(connection)
  return new LeaseClient(connection, { namespace: 'ours', name, timeoutMs })
}

beforeAll(async () => {
  server = await startFakeLeases()
})
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()))
  await server.close()
})

describe('a lease on the fake API server', () => {
  leaseSuite(() => ({
    lease: async () => {
      const name = `lease-${(count += 1)}`
      return {
        client: clientOf(name),
        competitor: clientOf(name),
        stored: async () => server.leases.get(name) ?? { metadata: {}, spec: {} },
        remove: async () => server.remove(name),
        label: async () =>
          server.put(name, { metadata: { name, resourceVersion: '', labels: { seen: 'yes' } } }),
      }
    },
  }))

  it('gives a request up after its time, and makes it once', async () => {
    const client = clientOf('slow', 200)
    server.delay = 8_000
    const began = performance.now()
    await expect(client.read()).rejects.toMatchObject({ kind: 'unavailable' })
    expect(performance.now() - began).toBeLessThan(6_000)
    server.delay = 0
  })

  it('goes over a new connection after one that was given up: the old one may be dead', async () => {
    const client = clientOf('dead', 1_500)
    await client.read()
    const before = server.connections.count
    server.delay = 4_000
    await client.read().catch(() => undefined)
    server.delay = 0
    await client.read()
    // undici opens another one in place of that which it gave up, too, and closes it.
    expect(server.connections.count).toBeGreaterThan(before)
  })
})
