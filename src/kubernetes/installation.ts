import { KubernetesFailure } from '../reconciler/ports.ts'
import type { Connection } from './connection.ts'
import { textAt } from './json-value.ts'
import { resourcePath } from './resource-path.ts'

/**
 * What tells this cluster from others: the UID of the namespace `kube-system`; where that may not be read, the UID of
 * the operator's own. Rejects with a `KubernetesFailure` when neither can be had.
 */
export async function readInstallationId(connection: Connection, ownNamespace: string): Promise<string> {
  try {
    return await namespaceUid(connection, 'kube-system')
  } catch (error) {
    // A temporary failure must not lead to another id than before.
    if (!(error instanceof KubernetesFailure) || error.kind !== 'forbidden') throw error
    return namespaceUid(connection, ownNamespace)
  }
}

async function namespaceUid(connection: Connection, name: string): Promise<string> {
  const path = resourcePath({ group: '', version: 'v1', plural: 'namespaces' }, '', name)
  const uid = textAt(await connection.request({ method: 'GET', path }), 'metadata', 'uid')
  if (uid === undefined) throw new KubernetesFailure('unavailable', `GET ${path}: no UID`)
  return uid
}
