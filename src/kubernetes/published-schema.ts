import { KubernetesFailure } from '../reconciler/ports.ts'
import type { Connection } from './connection.ts'

/**
 * The OpenAPI document of a group and version: the schemas by which the API server keeps or drops fields. It follows
 * a changed CustomResourceDefinition within seconds. Reading it takes the rights that `system:discovery` gives to
 * everybody who is authenticated. `not-served`: the API server knows no kind of it; `forbidden`: even those rights
 * have been taken away. Rejects with a `KubernetesFailure`.
 */
export async function readPublishedSchema(
  connection: Connection,
  groupVersion: string,
): Promise<{ readonly document: unknown } | 'not-served' | 'forbidden'> {
  const path = `/openapi/v3/apis/${groupVersion}`
  try {
    return { document: await connection.request({ method: 'GET', path, tries: 1 }) }
  } catch (error) {
    if (error instanceof KubernetesFailure && error.status === 404) return 'not-served'
    if (error instanceof KubernetesFailure && error.kind === 'forbidden') return 'forbidden'
    throw error
  }
}
