import type { TestProject } from 'vitest/node'
import type { ClusterAddress } from './cluster-access.ts'
import { startControlPlane } from './control-plane.ts'
import type { ControlPlane } from './control-plane.ts'

declare module 'vitest' {
  interface ProvidedContext {
    cluster: ClusterAddress
  }
}

let controlPlane: ControlPlane | undefined

/** Starts the one control plane that all tests of a vitest project share; see `shared-cluster.ts`. */
export async function setup(project: TestProject): Promise<void> {
  controlPlane = await startControlPlane()
  project.provide('cluster', controlPlane.address)
}

export async function teardown(): Promise<void> {
  await controlPlane?.stop()
}
