import { FINALIZER } from '../../../src/api/group.ts'
import { removeFinalizerPatch } from '../../../src/reconciler/metadata-patch.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WIDGETS } from '../../contract/kubernetes/fake-api-server.ts'
import { eventually } from '../../rigs/until.ts'
import type { Connection } from '../../../src/kubernetes/client/connection.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { connectBy, watchWidgets, widgetOf, type WatchedWidgets } from './operator-side.ts'
import { applyWidget, applyWidgetDefinition } from './widget-definition.ts'

const cluster = sharedCluster()
const namespace = 'object-store-test'
const key = (name: string) => `${namespace}/${name}`
let connection: Connection
let widgets: WatchedWidgets

beforeAll(async () => {
  await Promise.all([applyWidgetDefinition(cluster), cluster.createNamespace(namespace)])
  connection = connectBy(cluster.kubeconfigPath)
  widgets = await watchWidgets(connection)
})

afterAll(async () => {
  await widgets.stop()
  await connection.close()
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false'])
})

const appears = (name: string) => eventually(() => widgets.store.get(key(name)) !== undefined)

describe('object store on a real API server', () => {
  test('sees an object being born and leave', async () => {
    await applyWidget(cluster, namespace, 'life', { size: 1 })
    await appears('life')
    await cluster.kubectl(['delete', 'widgets', 'life', '-n', namespace])
    await eventually(() => widgets.store.get(key('life')) === undefined)
    const mine = widgets.changes.filter((change) => change.key === key('life'))
    expect(mine.map(({ origin, born }) => [origin, born])).toEqual([
      ['watch', true],
      ['watch', false],
    ])
  })

  test('reads its own writes at once, and hears no echo of them', async () => {
    await applyWidget(cluster, namespace, 'mine', { size: 1 })
    await appears('mine')
    const before = widgets.foreign.length
    for (let size = 2; size < 30; size += 1) {
      await widgets.store.patch(key('mine'), [{ op: 'replace', path: '/spec/size', value: size }])
      expect(widgetOf(widgets.store, key('mine'))?.spec.size).toBe(size)
    }
    await widgets.store.patchStatus(key('mine'), [{ op: 'add', path: '/status', value: { phase: 'done' } }])
    expect(widgetOf(widgets.store, key('mine'))?.status).toEqual({ phase: 'done' })
    await applyWidget(cluster, namespace, 'later', { size: 1 })
    await appears('later')
    // Another test may change widgets of its own namespace meanwhile.
    const told = widgets.foreign.slice(before).filter((one) => one.startsWith(key('')))
    expect(told).toEqual([key('later')])
  })

  test('changes nothing of the metadata through the status', async () => {
    await applyWidget(cluster, namespace, 'status-only', { size: 1 })
    await appears('status-only')
    await widgets.store.patchStatus(key('status-only'), [
      { op: 'add', path: '/status', value: { phase: 'done' } },
      { op: 'add', path: '/metadata/finalizers', value: ['widgets.test.example/mine'] },
    ])
    expect(widgetOf(widgets.store, key('status-only'))?.metadata.finalizers).toEqual([])
  })

  test.each([
    ['a UID that is another', [{ op: 'test', path: '/metadata/uid', value: 'another' }], 'conflict'],
    ['a version that is old', [{ op: 'test', path: '/metadata/resourceVersion', value: '1' }], 'conflict'],
    [
      'a version that is old, as a precondition',
      [{ op: 'replace', path: '/metadata/resourceVersion', value: '1' }],
      'conflict',
    ],
    ['a finalizer that is not there', [{ op: 'remove', path: '/metadata/finalizers/0' }], 'conflict'],
    ['a value that a rule refuses', [{ op: 'replace', path: '/spec/size', value: 5000 }], 'invalid'],
    ['a value of another type', [{ op: 'replace', path: '/spec/size', value: 'large' }], 'invalid'],
  ] as const)('classifies a patch with %s', async (_name, operations, kind) => {
    await applyWidget(cluster, namespace, 'refusing', { size: 1 })
    await appears('refusing')
    await expect(
      widgets.store.patch(key('refusing'), [
        ...operations,
        { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
      ]),
    ).rejects.toMatchObject({ kind })
    expect(widgetOf(widgets.store, key('refusing'))?.spec.size).toBe(1)
  })

  test('tells a missing object from a missing kind', async () => {
    await expect(widgets.store.read(key('never'))).resolves.toBeUndefined()
    await expect(widgets.store.patch(key('never'), [])).rejects.toMatchObject({ kind: 'not-found' })
    const path = `/apis/${WIDGETS.group}/v1/namespaces/${namespace}/gizmos/never`
    await expect(connection.request({ method: 'GET', path })).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test('takes its own finalizer away and leaves those of others, also in a race', async () => {
    const [ours, theirs, late] = ['ours', 'theirs', 'late'].map((name) => `${WIDGETS.group}/${name}`)
    await applyWidget(cluster, namespace, 'shared', { finalizers: [theirs!, ours!] })
    await appears('shared')
    await cluster.kubectl([
      ...['patch', 'widget', 'shared', '-n', namespace, '--type=json'],
      `-p=[{"op":"add","path":"/metadata/finalizers/0","value":"${late}"}]`,
    ])
    const removal = (index: number) => [
      { op: 'test' as const, path: `/metadata/finalizers/${index}`, value: ours },
      { op: 'remove' as const, path: `/metadata/finalizers/${index}` },
    ]
    await expect(widgets.store.patch(key('shared'), removal(1))).rejects.toMatchObject({ kind: 'conflict' })
    await widgets.store.patch(key('shared'), removal(2))
    const jsonpath = 'jsonpath={.metadata.finalizers}'
    const { stdout } = await cluster.kubectl(['get', 'widget', 'shared', '-n', namespace, '-o', jsonpath])
    expect(JSON.parse(stdout)).toEqual([late, theirs])
    expect(widgetOf(widgets.store, key('shared'))?.metadata.finalizers, 'as many').toHaveLength(2)
  })

  test('may find its own finalizer twice, and takes both away with one patch', async () => {
    const ours = FINALIZER
    await applyWidget(cluster, namespace, 'twice', { finalizers: [ours, 'a.example.com/x'] })
    await cluster.kubectl([
      ...['patch', 'widget', 'twice', '-n', namespace, '--type=json'],
      `-p=[{"op":"add","path":"/metadata/finalizers/-","value":"${ours}"}]`,
    ])
    const cached = () => widgetOf(widgets.store, key('twice'))?.metadata
    await eventually(() => cached()?.finalizers?.length === 3)
    const { uid = '', resourceVersion = '', finalizers = [] } = cached() ?? {}
    await widgets.store.patch(key('twice'), removeFinalizerPatch({ uid, resourceVersion, finalizers }))
    const jsonpath = 'jsonpath={.metadata.finalizers}'
    const { stdout } = await cluster.kubectl(['get', 'widget', 'twice', '-n', namespace, '-o', jsonpath])
    expect(JSON.parse(stdout)).toEqual(['a.example.com/x'])
  })

  test('knows at once that an object left with its last finalizer', async () => {
    const finalizers = [`${WIDGETS.group}/ours`]
    await applyWidget(cluster, namespace, 'leaving', { finalizers })
    await appears('leaving')
    await cluster.kubectl(['delete', 'widget', 'leaving', '-n', namespace, '--wait=false'])
    await widgets.store.patch(key('leaving'), [{ op: 'remove', path: '/metadata/finalizers' }])
    expect(widgets.store.get(key('leaving'))).toBeUndefined()
    await applyWidget(cluster, namespace, 'leaving', { size: 3 })
    await eventually(() => widgetOf(widgets.store, key('leaving'))?.spec.size === 3)
  })

  test('writes under its own name as field manager', async () => {
    await applyWidget(cluster, namespace, 'signed', { size: 1 })
    await appears('signed')
    await widgets.store.patch(key('signed'), [{ op: 'replace', path: '/spec/size', value: 2 }])
    const { stdout } = await cluster.kubectl([
      ...['get', 'widget', 'signed', '-n', namespace, '--show-managed-fields'],
      '-o=jsonpath={.metadata.managedFields[*].manager}',
    ])
    expect(stdout.split(' ')).toContain('twilio-sink-operator')
  })

  test('gets a heartbeat on a quiet kind once versions have moved on elsewhere', async () => {
    const ended = widgets.restarts.length
    const { count } = widgets.heard
    await cluster.kubectl(['label', 'namespace', namespace, 'quiet=yes'])
    await eventually(() => widgets.heard.count > count)
    await eventually(() => widgets.restarts.length > ended)
    expect(new Set(widgets.restarts)).toEqual(new Set(['ended']))
    expect(widgets.changes.filter(({ origin }) => origin === 'list')).toEqual([])
  })

  test('watches single namespaces with the rights of one namespace only', async () => {
    const kubectl = (...args: string[]) => cluster.kubectl([...args, '-n', namespace])
    await kubectl('create', 'serviceaccount', 'narrow')
    await kubectl('create', 'role', 'narrow', '--verb=get,list,watch', `--resource=widgets.${WIDGETS.group}`)
    await kubectl('create', 'rolebinding', 'narrow', '--role=narrow', `--serviceaccount=${namespace}:narrow`)
    const narrow = connectBy(await cluster.serviceAccountKubeconfig(namespace, 'narrow'))
    const few = await watchWidgets(narrow, [namespace])
    await applyWidget(cluster, namespace, 'narrow', { size: 5 })
    await eventually(() => few.store.get(key('narrow')) !== undefined)
    await expect(few.store.patch(key('narrow'), [])).rejects.toMatchObject({ kind: 'forbidden' })
    await few.stop()
    await narrow.close()
  })
})
