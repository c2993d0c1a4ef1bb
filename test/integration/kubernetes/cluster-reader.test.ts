import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WIDGETS } from '../../contract/kubernetes/fake-api-server.ts'
import { systemClock } from '../../../src/time/clock.ts'
import { SECRET_LABEL, type SecretUser } from '../../../src/api/group.ts'
import { createAccountInstaller } from '../../../src/kubernetes/cluster.ts'
import { createClusterReader, readInstallationId } from '../../../src/kubernetes/cluster-reader.ts'
import type { Connection } from '../../../src/kubernetes/client/connection.ts'
import { SendingEventRecorder } from '../../../src/kubernetes/events/event-recorder.ts'
import { KubernetesFailure } from '../../../src/reconciler/ports.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { connectBy } from './operator-side.ts'
import { applyWidget, applyWidgetDefinition, WIDGET_API_VERSION } from './widget-definition.ts'

const cluster = sharedCluster()
const namespace = 'cluster-reader-test'
const kubectl = (...args: string[]) => cluster.kubectl([...args, '-n', namespace])
let admin: Connection
let narrow: Connection

beforeAll(async () => {
  await Promise.all([applyWidgetDefinition(cluster), cluster.createNamespace(namespace)])
  await kubectl('create', 'serviceaccount', 'narrow')
  admin = connectBy(cluster.kubeconfigPath)
  narrow = connectBy(await cluster.serviceAccountKubeconfig(namespace, 'narrow'))
})

afterAll(async () => {
  await Promise.all([admin.close(), narrow.close()])
  await kubectl('delete', 'namespace', namespace, '--wait=false')
})

describe('cluster reader', () => {
  test('decodes a Secret, knows a missing one, and says when it may not look', async () => {
    await kubectl(
      'create',
      'secret',
      'generic',
      'twilio',
      '--from-literal=authToken=grün',
      '--from-literal=b=',
    )
    const reader = createClusterReader(admin, WIDGETS)
    expect(await reader.secret(namespace, 'twilio', 'sinks')).toEqual(
      new Map([
        ['authToken', 'grün'],
        ['b', ''],
      ]),
    )
    expect(await reader.secret(namespace, 'missing', 'sinks')).toBeUndefined()
    expect(await reader.secret('no-such-namespace', 'missing', 'sinks')).toBeUndefined()
    const refused = createClusterReader(narrow, WIDGETS).secret(namespace, 'twilio', 'sinks')
    await expect(refused).rejects.toMatchObject({ kind: 'forbidden' })
  })

  test('where the label is asked for, reads a Secret for the use alone that it is labelled for', async () => {
    for (const [name, user] of Object.entries({
      values: 'sinks',
      credentials: 'twilioaccounts',
      others: '',
    })) {
      await kubectl('create', 'secret', 'generic', name, '--from-literal=a=b')
      if (user !== '') await kubectl('label', 'secret', name, `${SECRET_LABEL}=${user}`)
    }
    const reader = createClusterReader(admin, WIDGETS, { requireSecretLabel: true })
    const refused = async (name: string, user: SecretUser): Promise<string> =>
      reader.secret(namespace, name, user).then(
        () => 'read',
        (error: unknown) =>
          error instanceof KubernetesFailure && error.kind === 'forbidden' ? error.message : '',
      )
    expect(await reader.secret(namespace, 'values', 'sinks')).toEqual(new Map([['a', 'b']]))
    expect(await reader.secret(namespace, 'credentials', 'twilioaccounts')).toEqual(new Map([['a', 'b']]))
    expect(await refused('credentials', 'sinks')).toContain('label secret credentials')
    expect(await refused('values', 'twilioaccounts')).toContain('label secret values')
    expect(
      await reader.secret(namespace, 'missing', 'twilioaccounts'),
      'its last credential may be used',
    ).toBeUndefined()
    // By trying names nobody learns which there are.
    const [there, absent] = [await refused('others', 'sinks'), await refused('missing', 'sinks')]
    expect(there.replaceAll('others', 'missing')).toBe(absent)
  })

  test('reads the labels of a namespace', async () => {
    const reader = createClusterReader(admin, WIDGETS)
    expect(await reader.namespaceLabels(namespace)).toMatchObject({
      'kubernetes.io/metadata.name': namespace,
    })
    expect(await reader.namespaceLabels('no-such-namespace')).toBeUndefined()
  })

  test('finds the definition in place, by the definition and by discovery', async () => {
    const [byAdmin, byNarrow] = [admin, narrow].map((connection) => createClusterReader(connection, WIDGETS))
    expect(await byAdmin!.sinkCrd()).toEqual({ deleting: false, source: 'crd' })
    expect(await byNarrow!.sinkCrd()).toEqual({ deleting: false, source: 'discovery' })
  })
})

describe('installation id', () => {
  test('is the UID of kube-system, or of its own namespace where that may not be read', async () => {
    const uid = async (name: string) =>
      (await cluster.kubectl(['get', 'namespace', name, '-o=jsonpath={.metadata.uid}'])).stdout
    expect(await readInstallationId(admin, namespace)).toBe(await uid('kube-system'))
    await expect(readInstallationId(narrow, namespace)).rejects.toMatchObject({ kind: 'forbidden' })
    await kubectl('create', 'role', 'own', '--verb=get', '--resource=namespaces')
    await kubectl('create', 'rolebinding', 'own', '--role=own', `--serviceaccount=${namespace}:narrow`)
    const readable = () => readInstallationId(narrow, namespace).catch(() => '')
    await expect.poll(readable, { timeout: 30_000 }).toBe(await uid(namespace))
  })
})

describe('account installer', () => {
  test('applies an object that is not there, and leaves one that is', async () => {
    const installer = createAccountInstaller(admin, WIDGETS)
    const account = {
      apiVersion: WIDGET_API_VERSION,
      kind: 'Widget',
      metadata: { namespace, name: 'default' },
    }
    const both = [1, 1].map((size) => installer.install({ ...account, spec: { size } }))
    expect(await Promise.all(both)).toContainEqual({ outcome: 'applied' })
    const again = (size: number) => installer.install({ ...account, spec: { size } })
    expect(await again(1)).toEqual({ outcome: 'exists', differs: [] })
    expect(await again(2)).toEqual({ outcome: 'exists', differs: ['spec.size'] })
    const { stdout } = await kubectl('get', 'widget', 'default', '-o=jsonpath={.spec.size}')
    expect(stdout).toBe('1')
  })
})

describe('event recorder', () => {
  const reporter = { controller: 'example.com/operator', instance: 'pod-0', apiVersion: WIDGET_API_VERSION }
  const event = {
    kind: 'Sink' as const,
    name: 'orders',
    uid: 'uid-1',
    resourceVersion: '1',
    type: 'Normal' as const,
    reason: 'SinkCreated',
    action: 'Create',
    note: 'Created',
  }

  test('writes events that the API server takes, and counts repetitions', async () => {
    const dropped: string[] = []
    const recorder = new SendingEventRecorder({
      connection: admin,
      clock: systemClock,
      random: Math.random,
      reporter,
      dropped: (reason) => dropped.push(reason),
    })
    recorder.emit({ ...event, namespace })
    recorder.emit({ ...event, namespace })
    recorder.emit({ ...event, namespace, note: 'x'.repeat(3000), type: 'Warning' })
    await recorder.flush(30_000)
    const { stdout } = await kubectl('get', 'events.v1.events.k8s.io', '-o=json')
    const { items } = JSON.parse(stdout) as { items: { type: string; series?: { count: number } }[] }
    expect(dropped).toEqual([])
    expect(items.map(({ type, series }) => [type, series?.count]).sort()).toEqual([
      ['Normal', 2],
      ['Warning', undefined],
    ])
  })

  test('drops what a namespace that is being deleted refuses, and goes on', async () => {
    const dropped: string[] = []
    await cluster.createNamespace('terminating-test')
    await applyWidget(cluster, 'terminating-test', 'holding', { finalizers: [`${WIDGETS.group}/hold`] })
    await cluster.kubectl(['delete', 'namespace', 'terminating-test', '--wait=false'])
    // The API server refuses only once it has heard of the deletion itself.
    const creation = ['create', 'configmap', 'late', '-n', 'terminating-test', '--dry-run=server']
    await expect
      .poll(async () => (await cluster.kubectl(creation)).stderr, { timeout: 30_000 })
      .toContain('being terminated')
    const recorder = new SendingEventRecorder({
      connection: admin,
      clock: systemClock,
      random: Math.random,
      reporter,
      dropped: (reason) => dropped.push(reason),
    })
    recorder.emit({ ...event, namespace: 'terminating-test' })
    recorder.emit({ ...event, namespace: 'no-such-namespace' })
    recorder.emit({ ...event, namespace, uid: 'uid-3' })
    await recorder.flush(30_000)
    expect(dropped).toEqual(['refused', 'refused'])
    await cluster.kubectl([
      'patch',
      'widget',
      'holding',
      '-n',
      'terminating-test',
      '--type=json',
      '-p=[{"op":"remove","path":"/metadata/finalizers"}]',
    ])
  })
})
