import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { auditLog, type AuditLog } from './audit-log.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { kubectlFor, type Kubectl } from './kubectl.ts'

/** Where a running API server is: plain text, so that it can be handed to another process. */
export type ClusterAddress = {
  url: string
  /** Of an administrator. */
  kubeconfigPath: string
  /** What a client must trust, PEM. */
  certificateAuthorityPath: string
  auditLogPath: string
  kubectlPath: string
  /** Temporary folder of this control plane; removed when it stops. */
  folder: string
}

export type ClusterAccess = ClusterAddress & {
  address: ClusterAddress
  kubectl: Kubectl
  audit: AuditLog
  createNamespace(name: string): Promise<void>
  /** Applies a file or each file of a folder, which must hold CustomResourceDefinitions, and waits until served. */
  applyCrds(path: string): Promise<void>
  /** A kubeconfig with a real token of a service account, which must exist: tests RBAC for real. */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<string>
}

export function clusterAccess(address: ClusterAddress): ClusterAccess {
  const kubectl = kubectlFor(address.kubectlPath, address.kubeconfigPath, address.folder)
  const mustDo = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(args)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}`)
    return stdout
  }
  return {
    ...address,
    address,
    kubectl,
    audit: auditLog(address.auditLogPath),
    createNamespace: async (name) => {
      await mustDo(['create', 'namespace', name])
    },
    applyCrds: async (path) => {
      await mustDo(['apply', '--server-side', '-f', path])
      // For a moment a new definition has no conditions at all, which the second wait takes for an error.
      await mustDo(['wait', '--for=jsonpath={.status.conditions}', '--timeout=60s', '-f', path])
      await mustDo(['wait', '--for=condition=Established', '--timeout=60s', '-f', path])
    },
    serviceAccountKubeconfig: async (namespace, name) => {
      const token = await mustDo(['create', 'token', name, '-n', namespace, '--duration=24h'])
      const path = join(address.folder, `${namespace}.${name}.kubeconfig`)
      const certificateAuthority = await readFile(address.certificateAuthorityPath, 'utf8')
      await writeKubeconfig(path, { url: address.url, certificateAuthority, token: token.trim() })
      return path
    },
  }
}
