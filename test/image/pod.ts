import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterAccess } from '../rigs/control-plane/cluster-access.ts'
import {
  startOperator,
  type OperatorFlags,
  type OperatorProcess,
} from '../integration/operator/operator-process.ts'
import { containerIn, type RuncContainer } from './container.ts'
import type { OperatorImage } from './operator-image.ts'

const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'
const ACCOUNT = 'operator'
/** A container is slower to start than a process, and the machine may be busy. */
const READY_WITHIN_MS = 60_000

/** The operator in a container that knows the cluster as a pod does: by two variables and three files. */
export interface RuncPod extends RuncContainer {
  readonly operator: (flags: OperatorFlags) => Promise<OperatorProcess>
  /** Milliseconds from each start until ready. */
  readonly startTimes: readonly number[]
}

export function podOf(image: OperatorImage, cluster: ClusterAccess, folder: string): RuncPod {
  const account = join(folder, 'service-account')
  const { hostname, port } = new URL(cluster.url)
  const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, POD_NAME: 'operator-0' }
  const container = containerIn(join(folder, 'bundle'), {
    ...image,
    env,
    mounts: { [account]: ACCOUNT_FOLDER },
  })
  const startTimes: number[] = []
  return {
    ...container,
    startTimes,
    operator: async ({ kubeconfig: _, ...flags }) => {
      await giveServiceAccount(cluster, flags['namespace'] ?? '', account)
      const began = performance.now()
      const operator = await startOperator(flags, READY_WITHIN_MS, container.start)
      startTimes.push(performance.now() - began)
      return operator
    },
  }
}

/** All rights: which ones the operator needs is a matter of the chart. */
async function giveServiceAccount(cluster: ClusterAccess, namespace: string, folder: string): Promise<void> {
  const must = async (args: readonly string[], stdin?: string): Promise<string> => {
    const { code, stdout, stderr } = await cluster.kubectl(args, stdin)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
    return stdout
  }
  await must(['apply', '-f', '-'], JSON.stringify(withAllRights(namespace)))
  const token = await must(['create', 'token', ACCOUNT, '-n', namespace])
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'token'), token.trim())
  await writeFile(join(folder, 'namespace'), namespace)
  await copyFile(cluster.certificateAuthorityPath, join(folder, 'ca.crt'))
}

const withAllRights = (namespace: string): unknown => ({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, namespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: `${namespace}-${ACCOUNT}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace }],
    },
  ],
})
