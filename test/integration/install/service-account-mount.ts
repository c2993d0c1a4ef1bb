import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ClusterAddress } from '../../rigs/control-plane/cluster-access.ts'
import type { ApiAccess } from '../../rigs/control-plane/api-access.ts'
import { z } from 'zod'
import type { Pod } from './pod.ts'

const Token = z.object({ status: z.object({ token: z.string() }) })

/**
 * Asks for a token as a kubelet does, bound to the Pod, and lays out what a container finds under
 * /var/run/secrets/kubernetes.io/serviceaccount. Resolves with Node's flags that make a process find it there.
 */
export async function mountServiceAccount(
  { metadata, spec }: Pod,
  cluster: ClusterAddress,
  api: ApiAccess,
): Promise<readonly string[]> {
  const { name, namespace, uid } = metadata
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3_607, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid } },
  }
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${spec.serviceAccountName}/token`
  const answer = await api('POST', path, { type: 'json', body: request })
  if (answer.status !== 201) throw new Error(`no token for Pod ${name}: ${JSON.stringify(answer.body)}`)
  const folder = join(cluster.folder, `mount-${uid}`)
  // It is there when the container is started again.
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'token'), Token.parse(answer.body).status.token, { mode: 0o600 })
  await writeFile(join(folder, 'namespace'), namespace)
  await copyFile(cluster.certificateAuthorityPath, join(folder, 'ca.crt'))
  const redirect = pathToFileURL(join(import.meta.dirname, 'redirect-mount.ts'))
  redirect.searchParams.set('folder', folder)
  return ['--import', redirect.href]
}
