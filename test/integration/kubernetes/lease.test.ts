import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../rigs/until.ts'
import type { Connection } from '../../../src/kubernetes/client/connection.ts'
import { LeaseClient } from '../../../src/kubernetes/lease.ts'
import { leaseSuite, type StoredLeaseObject } from '../../contract/kubernetes/lease-suite.ts'
import { KubernetesFailure } from '../../../src/reconciler/ports.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { connectBy } from './operator-side.ts'

const cluster = sharedCluster()
const namespace = 'lease-test'
const connections: Connection[] = []
let count = 0

const clientIn = (where: string, name: string, kubeconfig = cluster.kubeconfigPath) => {
  const connection = connectBy(kubeconfig)
  connections.push(connection)
  return new LeaseClient(connection, { namespace: where, name, timeoutMs: 10_000 })
}
const kubectl = async (...args: readonly string[]): Promise<string> => {
  const { stdout, stderr, code } = await cluster.kubectl(['-n', namespace, ...args])
  if (code !== 0) throw new Error(stderr)
  return stdout
}

const notYet = (error: unknown) => {
  if (error instanceof KubernetesFailure && error.kind === 'forbidden') return undefined
  throw error
}

beforeAll(() => cluster.createNamespace(namespace))
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()))
})

describe('a lease on a real API server', () => {
  leaseSuite(() => ({
    lease: async () => {
      const name = `lease-${(count += 1)}`
      return {
        client: clientIn(namespace, name),
        competitor: clientIn(namespace, name),
        stored: async () =>
          JSON.parse(await kubectl('get', 'lease', name, '-o', 'json')) as StoredLeaseObject,
        remove: async () => void (await kubectl('delete', 'lease', name)),
        label: async () => void (await kubectl('label', 'lease', name, 'seen=yes')),
      }
    },
  }))

  test('says that something is wrong where the namespace does not exist', async () => {
    const record = { holder: 'me', durationSeconds: 15, acquiredAt: 0, renewedAt: 0, transitions: 0 }
    await expect(clientIn('nowhere', 'lease').write(record, undefined)).rejects.toMatchObject({
      kind: 'not-found',
    })
  })

  test('needs no other rights than those on this one lease, and to create leases', async () => {
    await kubectl('create', 'serviceaccount', 'elector')
    await kubectl(
      ...['create', 'role', 'elector', '--verb=get,watch,patch'],
      ...['--resource=leases.coordination.k8s.io', '--resource-name=ours'],
    )
    await kubectl('create', 'role', 'founder', '--verb=create', '--resource=leases.coordination.k8s.io')
    for (const role of ['elector', 'founder'])
      await kubectl('create', 'rolebinding', role, `--role=${role}`, `--serviceaccount=${namespace}:elector`)
    const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, 'elector')
    const client = clientIn(namespace, 'ours', kubeconfig)
    const record = { holder: 'me', durationSeconds: 15, acquiredAt: 0, renewedAt: 0, transitions: 0 }
    // New rights count a moment later.
    const written = await until('the rights count', () => client.write(record, undefined).catch(notYet))
    if (written === 'conflict') throw new Error('it was there')
    const watching = new AbortController()
    const told = new Promise<void>((resolve) => client.watch(resolve, watching.signal))
    await client.write({ ...record, holder: '' }, written.version)
    await told
    watching.abort()
    await expect(clientIn(namespace, 'theirs', kubeconfig).read()).rejects.toMatchObject({
      kind: 'forbidden',
    })
  })
})
