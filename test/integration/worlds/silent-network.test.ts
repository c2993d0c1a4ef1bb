import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { kubeconfigThrough, startTcpPath, type TcpPath } from './tcp-path.ts'
import { setWorld, spec, type LiveWorld } from './world.ts'

let network: TcpPath
let world: LiveWorld

beforeAll(async () => {
  const cluster = sharedCluster()
  network = await startTcpPath({ port: Number(new URL(cluster.url).port) })
  const kubeconfig = await kubeconfigThrough(
    network,
    cluster,
    join(cluster.folder, `silent-${process.pid}.kubeconfig`),
  )
  world = await setWorld({ name: 'silent', flags: { kubeconfig } })
})
afterAll(async () => {
  await world?.end()
  await network?.stop()
})

/** C25: what a broken network may cost after it is repaired; milliseconds. */
const SEEN_WITHIN = 30_000

test('a change made while the network swallows everything is seen within 30 s of its repair', async () => {
  // Together, so that several connections are open and idle when the network goes: each of them leads nowhere then.
  const many = Array.from({ length: 8 }, (_, index) => `many-${index}`)
  await Promise.all(['before', ...many].map((name) => world.apply(name, spec(name))))
  const [sid] = await world.oneEach(['before', ...many])
  network.blackHole()
  await world.apply('during', spec('during'))
  await world.patch('before', { spec: { description: `${spec('before').description}, edited` } })
  await sleep(4_000)
  expect((await world.look('during'))?.status.observedGeneration, 'the operator cannot know').toBe(-1)
  const opened = network.opened()
  // The connections there are stay silent for ever: nobody tells the operator that they are dead.
  network.heal()
  expect(await world.oneEach(['before', 'during'], SEEN_WITHIN)).toContain(sid)
  expect(network.opened() - opened, 'connections since the repair').toBeLessThan(40)
})
