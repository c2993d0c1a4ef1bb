import { afterAll, beforeAll } from 'vitest'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { crdReinstalled } from './crd-reinstalled.ts'
import { poison } from './poison.ts'
import { renamed } from './renamed.ts'
import { setWorld, type LiveWorld } from './world.ts'

/** Worlds that change the CRDs or need all namespaces watched share a cluster that nobody else uses. */
let controlPlane: ControlPlane
let world: LiveWorld

beforeAll(async () => {
  controlPlane = await startControlPlane()
  world = await setWorld({ name: 'own', cluster: controlPlane, watchAll: true })
})
afterAll(async () => {
  await world?.end()
  await controlPlane?.stop()
})

renamed(() => world)
poison(() => world)
crdReinstalled(() => world)
