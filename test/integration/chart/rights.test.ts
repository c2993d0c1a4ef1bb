import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { API_VERSION } from '../../../src/api/group.ts'
import { createAccountInstaller } from '../../../src/kubernetes/cluster.ts'
import type { Connection } from '../../../src/kubernetes/client/connection.ts'
import { readInstallationId } from '../../../src/kubernetes/cluster-reader.ts'
import { LeaseClient } from '../../../src/kubernetes/lease.ts'
import { LEASE_NAME } from '../../../src/operator/leadership.ts'
import type { Command } from '../../rigs/control-plane/command.ts'
import { helmFor } from '../../rigs/control-plane/helm.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { connectBy } from '../kubernetes/operator-side.ts'
import { CHART_ACCOUNT, IMAGE, RELEASE, only, render, type ChartObject, type Values } from './chart.ts'
import { helmMissing } from './helm-or-skip.ts'
import { rightsIn } from './rights-review.ts'

const cluster = sharedCluster()

const SINKS = [
  ...['get', 'list', 'watch', 'patch'].map((verb) => `${verb} sinks.events.twilio.com`),
  'patch sinks.events.twilio.com/status',
]
const ACCOUNTS = [
  ...['get', 'list', 'watch', 'patch'].map((verb) => `${verb} twilioaccounts.events.twilio.com`),
  'patch twilioaccounts.events.twilio.com/status',
  'get secrets',
  'create events.events.k8s.io',
  'patch events.events.k8s.io',
]
const LEASE = [
  ...['get', 'watch', 'patch'].map((verb) => `${verb} leases.coordination.k8s.io:${LEASE_NAME}`),
  'create leases.coordination.k8s.io',
]
const DEFAULT_ACCOUNT = ['create twilioaccounts.events.twilio.com:default']
const DEFINITION = ['get customresourcedefinitions.apiextensions.k8s.io:sinks.events.twilio.com']

/** A release in a namespace of its own, beside the one with the Sinks and one that does not concern it. */
type Form = {
  readonly name: string
  readonly values: (shop: string) => Values
  readonly own: readonly string[]
  readonly shop: readonly string[]
  readonly elsewhere: readonly string[]
}

const EVERYWHERE = [...SINKS, ...ACCOUNTS, 'get namespaces', ...DEFINITION]
const named = (namespace: string): string => `get namespaces:${namespace}`

const FORMS: readonly Form[] = [
  {
    name: 'rights-all',
    values: () => CHART_ACCOUNT,
    own: [...EVERYWHERE, ...LEASE, ...DEFAULT_ACCOUNT],
    shop: EVERYWHERE,
    elsewhere: EVERYWHERE,
  },
  {
    name: 'rights-some',
    values: (shop) => ({ watchNamespaces: [shop], ...CHART_ACCOUNT }),
    own: [...ACCOUNTS, ...LEASE, ...DEFAULT_ACCOUNT, ...DEFINITION, named('rights-some')],
    shop: [...SINKS, ...ACCOUNTS, ...DEFINITION, named('rights-some-shop')],
    elsewhere: DEFINITION,
  },
  {
    name: 'rights-own',
    values: () => ({ watchNamespaces: ['rights-own'], rbac: { crdRead: false } }),
    own: [...SINKS, ...ACCOUNTS, ...LEASE, named('rights-own')],
    shop: [],
    elsewhere: [],
  },
  {
    name: 'rights-ref',
    values: (shop) => ({
      watchNamespaces: ['rights-ref'],
      account: { ref: `${shop}/default` },
      rbac: { crdRead: false },
    }),
    own: [...SINKS, ...ACCOUNTS, ...LEASE, named('rights-ref')],
    shop: ACCOUNTS,
    elsewhere: [],
  },
  {
    name: 'rights-alone',
    values: () => ({ replicaCount: 1, operator: { leaderElect: false }, rbac: { crdRead: false } }),
    own: [...SINKS, ...ACCOUNTS, 'get namespaces'],
    shop: [...SINKS, ...ACCOUNTS, 'get namespaces'],
    elsewhere: [...SINKS, ...ACCOUNTS, 'get namespaces'],
  },
]

const listOf = (items: readonly ChartObject[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

describe.skipIf(helmMissing !== undefined)('what the operator may do', () => {
  let helm: Command
  const outside: ChartObject[] = []
  const connections: Connection[] = []

  beforeAll(async () => {
    helm = await helmFor(cluster)
    await Promise.all(FORMS.map(({ name, values }) => install(name, values(`${name}-shop`))))
  })
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()))
    const namespaces = FORMS.flatMap(({ name }) => [name, `${name}-shop`])
    await cluster.kubectl(['delete', '--wait=false', '-f', '-'], listOf(outside))
    await cluster.kubectl(['delete', 'namespace', '--wait=false', ...namespaces])
  })

  /** The rights alone: no other object of the chart matters here. */
  async function install(namespace: string, values: Values): Promise<void> {
    await Promise.all([cluster.createNamespace(namespace), cluster.createNamespace(`${namespace}-shop`)])
    const { objects } = await render(helm, { ...IMAGE, ...values }, { namespace })
    const rights = objects.filter(
      ({ apiVersion, kind }) => /^rbac\.|^v1$/u.test(apiVersion) && kind !== 'Service',
    )
    outside.push(...rights.filter(({ metadata }) => metadata.namespace === undefined))
    const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], listOf(rights))
    if (code !== 0) throw new Error(stderr)
  }

  test.for(FORMS)(
    '$name: exactly what it asks for, in each namespace',
    async ({ name, own, shop, elsewhere }) => {
      const account = [name, RELEASE] as const
      const sorted = (rights: readonly string[]): string[] => [...new Set(rights)].sort()
      // The authorizer learns of one binding after the other.
      const inNamespace = (namespace: string, rights: readonly string[]) =>
        expect.poll(() => rightsIn(cluster, namespace, account), { timeout: 30_000 }).toEqual(sorted(rights))
      await inNamespace(name, own)
      await inNamespace(`${name}-shop`, shop)
      await inNamespace('default', elsewhere)
    },
  )

  const connectAs = async (namespace: string): Promise<Connection> => {
    const connection = connectBy(await cluster.serviceAccountKubeconfig(namespace, RELEASE))
    connections.push(connection)
    return connection
  }

  test('the rights on the Lease are enough for an election, and are for no other Lease', async () => {
    const connection = await connectAs('rights-some')
    const place = { namespace: 'rights-some', name: LEASE_NAME, timeoutMs: 5_000 }
    const lease = new LeaseClient(connection, place)
    const record = { holder: 'one', durationSeconds: 15, acquiredAt: 0, renewedAt: 0, transitions: 0 }
    const stored = await lease.write(record, undefined)
    if (stored === 'conflict') throw new Error('somebody else holds the Lease')
    let seen = 0
    const end = new AbortController()
    lease.watch(() => (seen += 1), end.signal)
    await expect.poll(() => seen, { timeout: 30_000 }).toBeGreaterThan(0)
    end.abort()
    expect(await lease.write({ ...record, holder: 'two' }, stored.version)).toMatchObject({ holder: 'two' })
    expect(await lease.read()).toMatchObject({ holder: 'two' })
    const other = new LeaseClient(connection, { ...place, name: 'another' })
    await expect(other.read()).rejects.toMatchObject({ kind: 'forbidden' })
  })

  test('the default account can be made, by its name alone', async () => {
    const resource = { group: 'events.twilio.com', version: 'v1alpha1', plural: 'twilioaccounts' }
    const installer = createAccountInstaller(await connectAs('rights-some'), resource)
    const account = (name: string) => ({
      apiVersion: API_VERSION,
      kind: 'TwilioAccount',
      metadata: { namespace: 'rights-some', name },
      spec: { accountSid: CHART_ACCOUNT.account.sid, credentialsSecretRef: { name: 'twilio' } },
    })
    expect(await installer.install(account('default'))).toEqual({ outcome: 'applied' })
    await expect(installer.install(account('another'))).rejects.toMatchObject({ kind: 'forbidden' })
  })

  test('the installation id can be read in both forms', async () => {
    const uidOf = async (name: string) =>
      (await cluster.kubectl(['get', 'namespace', name, '-o=jsonpath={.metadata.uid}'])).stdout
    const idOf = async (name: string) => readInstallationId(await connectAs(name), name)
    expect(await idOf('rights-all')).toBe(await uidOf('kube-system'))
    expect(await idOf('rights-some')).toBe(await uidOf('rights-some'))
  })

  test('people get roles for the two kinds and never for a status, which the operator believes', async () => {
    const { objects } = await render(helm, IMAGE)
    const roles = objects.filter(
      ({ kind, metadata }) =>
        kind === 'ClusterRole' &&
        Object.keys(metadata.labels ?? {}).some((label) => label.includes('aggregate-to')),
    )
    expect(roles.map(({ metadata }) => metadata.name.split('.').at(-1))).toEqual(['view', 'edit', 'admin'])
    expect(JSON.stringify(roles)).not.toMatch(/status|\*/u)
    expect(only(objects, 'ServiceAccount').metadata.name).toBe(RELEASE)
  })
})
