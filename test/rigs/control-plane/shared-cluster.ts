import { inject } from 'vitest'
import { clusterAccess, type ClusterAccess } from './cluster-access.ts'
import type {} from './global-setup.ts'

/** The API server that `global-setup.ts` started, with our CRDs. Tests that need outages start a control plane of their own. */
export function sharedCluster(): ClusterAccess {
  return clusterAccess(inject('cluster'))
}
