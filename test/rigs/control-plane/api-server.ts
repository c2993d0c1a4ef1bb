import { readFileSync } from 'node:fs'
import { get } from 'node:https'
import { join } from 'node:path'
import type { RunFolder } from './run-folder.ts'
import { supervisedProgram, type SupervisedProgram } from './supervised-program.ts'

export type ApiServerOptions = {
  path: string
  run: RunFolder
  logPath: string
  port: number
  etcdUrl: string
  files: ApiServerFiles
  extraFlags: readonly string[]
}

/** Files that must exist before the first start; the API server makes its certificate itself. */
export type ApiServerFiles = {
  tokens: string
  adminToken: string
  serviceAccountKey: string
  serviceAccountPublicKey: string
  auditPolicy: string
  auditLog: string
  certDir: string
}

/** A kube-apiserver without a cluster network: real admission, RBAC, tokens, watches and audit log. */
export function apiServer(options: ApiServerOptions): SupervisedProgram {
  const { path, run, logPath, port, files } = options
  const isReady = (): Promise<boolean> => answersReadyz(port, files)
  return supervisedProgram({ path, args: () => flags(options), logPath, isReady, run })
}

function flags({ port, etcdUrl, files, extraFlags }: ApiServerOptions): string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    // A loopback address can be no endpoint of the service `kubernetes`.
    '--endpoint-reconciler-type=none',
    `--cert-dir=${files.certDir}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${files.tokens}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    // No controller makes default service accounts, and no pod runs.
    '--disable-admission-plugins=ServiceAccount',
    `--audit-policy-file=${files.auditPolicy}`,
    `--audit-log-path=${files.auditLog}`,
    // Megabytes; a rotation would lose lines that a test counts.
    '--audit-log-maxsize=10000',
    ...extraFlags,
  ]
}

/** What a client must trust, PEM: made by the API server at its first start. */
export function certificateAuthorityPath(certDir: string): string {
  return join(certDir, 'apiserver.crt')
}

/** Throws until the API server has made it. */
export function certificateAuthority(certDir: string): string {
  return readFileSync(certificateAuthorityPath(certDir), 'utf8')
}

async function answersReadyz(port: number, files: ApiServerFiles): Promise<boolean> {
  const headers = { authorization: `Bearer ${files.adminToken}` }
  try {
    const ca = certificateAuthority(files.certDir)
    return await new Promise((resolve) => {
      const target = { host: '127.0.0.1', port, path: '/readyz', ca, headers, agent: false, timeout: 2_000 }
      const request = get(target, (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      })
      request.on('timeout', () => request.destroy())
      request.on('error', () => resolve(false))
    })
  } catch {
    return false
  }
}
