import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WIDGETS } from '../../contract/kubernetes/fake-api-server.ts'
import { eventually } from '../../rigs/until.ts'
import { createClusterReader } from '../../../src/kubernetes/cluster-reader.ts'
import type { Connection } from '../../../src/kubernetes/client/connection.ts'
import { KubernetesFailure } from '../../../src/reconciler/ports.ts'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { connectBy, watchWidgets, widgetOf, type WatchedWidgets } from './operator-side.ts'
import { applyWidget, applyWidgetDefinition } from './widget-definition.ts'

const namespace = 'default'
let cluster: ControlPlane
let connection: Connection
let widgets: WatchedWidgets

beforeAll(async () => {
  cluster = await startControlPlane()
  await applyWidgetDefinition(cluster)
  connection = connectBy(cluster.kubeconfigPath)
  widgets = await watchWidgets(connection)
})

afterAll(async () => {
  await widgets.stop()
  await connection.close()
  await cluster.stop()
})

afterEach(() => cluster.kubectl(['delete', 'widgets', '--all', '-n', namespace, '--wait=false']))

const sizeOf = (name: string) => widgetOf(widgets.store, `${namespace}/${name}`)?.spec.size

describe('outages of a real API server', () => {
  test('an API server that is killed and started again is watched again without help', async () => {
    await applyWidget(cluster, namespace, 'before', { size: 1 })
    await eventually(() => sizeOf('before') === 1)
    await cluster.apiServer.kill()
    await expect(widgets.store.patch('default/before', [])).rejects.toMatchObject({ kind: 'unavailable' })
    await expect(widgets.store.read('default/before')).rejects.toMatchObject({ kind: 'unavailable' })
    expect(sizeOf('before')).toBe(1)
    await cluster.apiServer.start()
    await applyWidget(cluster, namespace, 'after', { size: 2 })
    await eventually(() => sizeOf('after') === 2)
    await widgets.store.patch('default/after', [{ op: 'replace', path: '/spec/size', value: 3 }])
    expect(sizeOf('after')).toBe(3)
  })

  test('an etcd that is away for a while is survived, and what happens afterwards is seen', async () => {
    await applyWidget(cluster, namespace, 'before', { size: 1 })
    await eventually(() => sizeOf('before') === 1)
    await cluster.etcd.kill()
    await new Promise((resolve) => setTimeout(resolve, 2000))
    expect(sizeOf('before')).toBe(1)
    await cluster.etcd.start()
    await expect
      .poll(() => applyWidget(cluster, namespace, 'after', { size: 2 }).catch(() => 'down'), {
        timeout: 60_000,
      })
      .toBeUndefined()
    await eventually(() => sizeOf('after') === 2)
  })

  test('etcd restored to an older state is believed, though its versions are lower', async () => {
    await applyWidget(cluster, namespace, 'kept', { size: 1 })
    await eventually(() => sizeOf('kept') === 1)
    // Its orderly end would wait for the watches.
    await cluster.apiServer.kill()
    const backup = await cluster.copyData()
    await applyWidget(cluster, namespace, 'lost', { size: 1 })
    for (let size = 2; size < 12; size += 1) {
      await widgetsPatched('kept', size)
    }
    await eventually(() => sizeOf('lost') === 1)
    await cluster.apiServer.kill()
    await cluster.swapData(backup)
    await eventually(() => sizeOf('kept') === 1 && sizeOf('lost') === undefined)
    await applyWidget(cluster, namespace, 'kept', { size: 50 })
    await eventually(() => sizeOf('kept') === 50)
    await widgetsPatched('kept', 51)
    expect(sizeOf('kept')).toBe(51)
  })

  test('a definition that is being deleted is recognised, and one that comes back is watched again', async () => {
    await applyWidget(cluster, namespace, 'held', { finalizers: [`${WIDGETS.group}/hold`] })
    await eventually(() => widgets.store.get('default/held') !== undefined)
    await cluster.kubectl(['create', 'serviceaccount', 'narrow', '-n', namespace])
    const narrow = connectBy(await cluster.serviceAccountKubeconfig(namespace, 'narrow'))
    await cluster.kubectl(['delete', 'crd', `widgets.${WIDGETS.group}`, '--wait=false'])
    const [byAdmin, byNarrow] = [connection, narrow].map((one) => createClusterReader(one, WIDGETS))
    expect(await byAdmin!.sinkCrd()).toEqual({ deleting: true, source: 'crd' })
    // Discovery lags behind, which is why its "false" is not believed at once.
    await expect
      .poll(() => byNarrow!.sinkCrd(), { timeout: 60_000 })
      .toEqual({ deleting: true, source: 'discovery' })
    await widgets.store.patch('default/held', [{ op: 'remove', path: '/metadata/finalizers' }])
    await expect.poll(() => byAdmin!.sinkCrd(), { timeout: 60_000 }).toMatchObject({ deleting: true })
    await eventually(() => widgets.restarts.includes('not-served'))
    // A group that is not served at all may also be an API server that starts: no word, no consequence.
    const discovered = () =>
      byNarrow!.sinkCrd().catch((error: unknown) => error instanceof KubernetesFailure && error.kind)
    await expect.poll(discovered, { timeout: 60_000 }).toBe('unavailable')
    await applyWidgetDefinition(cluster)
    await applyWidget(cluster, namespace, 'again', { size: 9 })
    await eventually(() => sizeOf('again') === 9)
    await narrow.close()
  })
})

const widgetsPatched = (name: string, size: number) =>
  widgets.store.patch(`${namespace}/${name}`, [{ op: 'replace', path: '/spec/size', value: size }])
