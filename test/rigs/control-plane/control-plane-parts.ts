import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { apiServer, type ApiServerFiles } from './api-server.ts'
import { writeControlPlaneFiles } from './control-plane-files.ts'
import { etcd, etcdUrl } from './etcd.ts'
import { freePort } from './free-port.ts'
import type { RunFolder } from './run-folder.ts'
import type { SupervisedProgram } from './supervised-program.ts'

export type PartsOptions = {
  /** etcd's data, kept when the control plane stops. Default: in the temporary folder. */
  dataDir?: string
  /** Folder for the logs of all programs. Default: the temporary folder, removed at the end. */
  logDir?: string
  /** Path of an audit policy instead of `audit-policy.yaml`. */
  auditPolicy?: string
  /** Added to the API server's flags. */
  apiServerFlags?: readonly string[]
}

/** What a control plane is made of before any of it runs. */
export type Parts = {
  run: RunFolder
  programs: string
  logDir: string
  url: string
  files: ApiServerFiles
  /** etcd's data folder as of the next start. */
  data: { folder: string }
  etcd: SupervisedProgram
  apiServer: SupervisedProgram
}

/** Writes the files and chooses the ports of a control plane; starts nothing. */
export async function layOut(run: RunFolder, programs: string, options: PartsOptions): Promise<Parts> {
  const logDir = options.logDir ?? run.path
  await mkdir(logDir, { recursive: true })
  const data = { folder: options.dataDir ?? join(run.path, 'etcd-data') }
  const files = await writeControlPlaneFiles(run.path, options.auditPolicy)
  const ports = { api: await freePort(), etcd: await freePort(), peer: await freePort() }
  const store = etcd({
    path: join(programs, 'etcd'),
    run,
    logPath: join(logDir, 'etcd.log'),
    port: ports.etcd,
    peerPort: ports.peer,
    dataDir: () => data.folder,
  })
  const server = apiServer({
    path: join(programs, 'kube-apiserver'),
    run,
    logPath: join(logDir, 'kube-apiserver.log'),
    port: ports.api,
    etcdUrl: etcdUrl(ports.etcd),
    files,
    extraFlags: options.apiServerFlags ?? [],
  })
  const url = `https://127.0.0.1:${ports.api}`
  return { run, programs, logDir, url, files, data, etcd: store, apiServer: server }
}

export async function startBoth({ etcd, apiServer }: Parts): Promise<void> {
  await etcd.start()
  try {
    await apiServer.start()
  } catch (error) {
    await etcd.kill()
    throw error
  }
}

export async function stopBoth({ etcd, apiServer }: Parts): Promise<void> {
  await apiServer.stop()
  await etcd.stop()
}
