import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { startApiClient } from './api-client.ts'
import { certificateAuthority, certificateAuthorityPath } from './api-server.ts'
import { findPrograms, type BinariesOptions } from './binaries.ts'
import { clusterAccess, type ClusterAccess } from './cluster-access.ts'
import { layOut, startBoth, stopBoth, type Parts, type PartsOptions } from './control-plane-parts.ts'
import { controllerManagerFlags } from './controller-manager.ts'
import { schedulerFlags } from './kube-scheduler.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { kwokFlags } from './kwok.ts'
import { createRunFolder, type RunFolder } from './run-folder.ts'
import { PortClashError, type SupervisedProgram } from './supervised-program.ts'

export type ControlPlaneOptions = PartsOptions & { binaries?: BinariesOptions }

/** A real etcd and kube-apiserver on loopback. Each is stopped and started alone and keeps its address. */
export type ControlPlane = ClusterAccess & {
  etcd: SupervisedProgram
  apiServer: SupervisedProgram
  /** Stops both in order, copies etcd's data to a new folder, starts both; resolves with that folder. */
  copyData(): Promise<string>
  /** Stops both, then serves the data of `folder`, which is written to from then on. */
  swapData(folder: string): Promise<void>
  /** Finds or builds a kube-controller-manager, which ends with the control plane. */
  startControllerManager(): Promise<SupervisedProgram>
  /**
   * Finds or builds what gives Pods a Node and makes them run by name only (`kwok-stages.yaml`), and adds this Node.
   * Deployments need the controller manager, too.
   */
  startNode(name: string): Promise<void>
  /** Ends every process and removes the temporary folder. */
  stop(): Promise<void>
}

const CLASHES_SURVIVED = 3

export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const programs = await findPrograms(undefined, options.binaries)
  const run = createRunFolder()
  try {
    return await startOnFreePorts(run, programs, options)
  } catch (error) {
    run.remove()
    throw error
  }
}

/** Another process may take a port between its choice and its use. */
async function startOnFreePorts(
  run: RunFolder,
  programs: string,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  for (let clashes = 0; ; clashes += 1) {
    try {
      return await startIn(run, programs, options)
    } catch (error) {
      if (!(error instanceof PortClashError) || clashes === CLASHES_SURVIVED) throw error
    }
  }
}

async function startIn(
  run: RunFolder,
  programs: string,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  const parts = await layOut(run, programs, options)
  await startBoth(parts)
  const kubeconfigPath = join(run.path, 'admin.kubeconfig')
  const token = parts.files.adminToken
  const authority = certificateAuthority(parts.files.certDir)
  await writeKubeconfig(kubeconfigPath, { url: parts.url, certificateAuthority: authority, token })
  const access = clusterAccess({
    url: parts.url,
    kubeconfigPath,
    certificateAuthorityPath: certificateAuthorityPath(parts.files.certDir),
    auditLogPath: parts.files.auditLog,
    kubectlPath: join(programs, 'kubectl'),
    folder: run.path,
  })
  return { ...access, ...lifecycle(parts, access, options) }
}

type Lifecycle = Omit<ControlPlane, keyof ClusterAccess>

function lifecycle(
  parts: Parts,
  { kubeconfigPath, kubectl }: ClusterAccess,
  options: ControlPlaneOptions,
): Lifecycle {
  const { run, data } = parts
  const client = { run, logDir: parts.logDir, kubeconfigPath, binaries: options.binaries }
  let copies = 0
  return {
    etcd: parts.etcd,
    apiServer: parts.apiServer,
    copyData: async () => {
      await stopBoth(parts)
      copies += 1
      const copy = join(run.path, `etcd-data-copy-${copies}`)
      await cp(data.folder, copy, { recursive: true })
      await startBoth(parts)
      return copy
    },
    swapData: async (folder) => {
      // A running API server would go on answering from its own cache, which is newer than the data.
      await stopBoth(parts)
      data.folder = folder
      await startBoth(parts)
    },
    startControllerManager: () => startApiClient('kube-controller-manager', controllerManagerFlags, client),
    startNode: async (name) => {
      await startApiClient('kube-scheduler', schedulerFlags, client)
      await startApiClient('kwok', kwokFlags, client)
      await kubectl(
        ['create', '-f', '-'],
        JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name } }),
      )
    },
    stop: async () => {
      // Data that goes on living is closed in order; the rest dies with its folder.
      if (options.dataDir !== undefined) await stopBoth(parts)
      await Promise.all([parts.apiServer.kill(), parts.etcd.kill()])
      run.remove()
    },
  }
}
