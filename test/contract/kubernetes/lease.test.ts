import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LeaseClient } from '../../../src/kubernetes/lease.ts'
import { FakeApiServer } from './fake-api-server.ts'
import { leaseSuite } from './lease-suite.ts'
import { connect } from './widget-store.ts'

const server = new FakeApiServer()
const connections: { close(): Promise<void> }[] = []
let count = 0

const clientOf = (name: string, timeoutMs = 5_000) => {
  const connection = connect(server.url, { connections: 3 })
  connections.push(connection)
  return new LeaseClient(connection, { namespace: 'ours', name, timeoutMs })
}

beforeAll(() => server.start())
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
        stored: async () => {
          const { metadata = {}, spec = {} } = server.get(name, 'leases') ?? {}
          return { metadata, spec: { ...spec } }
        },
        remove: async () => server.remove(name, 'leases'),
        label: async () => {
          const { spec = {} } = server.get(name, 'leases') ?? {}
          server.put(name, spec, { labels: { seen: 'yes' } }, 'leases')
        },
      }
    },
  }))

  it('gives a request up after its time, and makes it once', async () => {
    const client = clientOf('slow', 200)
    server.outage = () => undefined
    const began = performance.now()
    await expect(client.read()).rejects.toMatchObject({ kind: 'unavailable' })
    expect(performance.now() - began).toBeLessThan(6_000)
    server.outage = undefined
  })

  it('goes over a new connection after one that was given up: the old one may be dead', async () => {
    const client = clientOf('dead', 1_500)
    await client.read()
    const before = server.counts.connections
    server.outage = () => undefined
    await client.read().catch(() => undefined)
    server.outage = undefined
    await client.read()
    // undici opens another one in place of that which it gave up, too, and closes it.
    expect(server.counts.connections).toBeGreaterThan(before)
  })
})
