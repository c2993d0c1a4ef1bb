import type { TestProject } from 'vitest/node'
import { buildBundle } from './bundle.ts'
import type { ClusterAddress } from './cluster-access.ts'
import { startControlPlane, type ControlPlane } from './control-plane.ts'

declare module 'vitest' {
  interface ProvidedContext {
    cluster: ClusterAddress
  }
}

let controlPlane: ControlPlane | undefined

/**
 * Builds the operator, and starts the one control plane that all tests of a vitest project share, with its CRDs; see
 * `shared-cluster.ts`.
 */
export async function setup(project: TestProject): Promise<void> {
  buildBundle()
  controlPlane = await startControlPlane()
  await controlPlane.applyCrds('crds')
  project.provide('cluster', controlPlane.address)
}

export async function teardown(): Promise<void> {
  await controlPlane?.stop()
}
