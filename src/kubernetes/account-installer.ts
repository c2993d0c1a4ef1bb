import { KubernetesFailure } from '../reconciler/ports.ts'
import type { Connection } from './connection.ts'
import { FIELD_MANAGER } from './field-manager.ts'
import { resourcePath } from './resource-path.ts'
import type { Resource } from './resource-path.ts'

/** A whole object as YAML would have it, without what the API server adds. */
export interface NewObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly spec: unknown
}

/** Puts the default account there at the start. */
export interface AccountInstaller {
  /**
   * Applies `account` unless one of that name exists, which is left as it is: it is somebody's. Replicas that start
   * together may all apply it. Rejects with a `KubernetesFailure`.
   */
  install(account: NewObject): Promise<'applied' | 'exists'>
}

export function createAccountInstaller(connection: Connection, accounts: Resource): AccountInstaller {
  return {
    install: async (account) => {
      const path = resourcePath(accounts, account.metadata.namespace, account.metadata.name)
      if (await exists(connection, path)) return 'exists'
      try {
        const contentType = 'application/apply-patch+yaml'
        await connection.request({ method: 'PATCH', path, query: FIELD_MANAGER, body: account, contentType })
        return 'applied'
      } catch (error) {
        // Somebody else's fields differ: it has come into being meanwhile.
        if (error instanceof KubernetesFailure && error.kind === 'conflict') return 'exists'
        throw error
      }
    },
  }
}

async function exists(connection: Connection, path: string): Promise<boolean> {
  try {
    await connection.request({ method: 'GET', path })
    return true
  } catch (error) {
    if (error instanceof KubernetesFailure && error.kind === 'not-found') return false
    throw error
  }
}
