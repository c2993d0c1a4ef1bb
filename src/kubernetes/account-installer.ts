import { isDeepStrictEqual } from 'node:util'
import { KubernetesFailure } from '../reconciler/ports.ts'
import type { Connection } from './client/connection.ts'
import { FIELD_MANAGER, resourcePath, type Resource } from './client/call.ts'
import { orAbsent } from './client/failure.ts'
import { valueAt } from './client/json-value.ts'

/** A whole object as YAML would have it, without what the API server adds. */
export interface NewObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly spec: Readonly<Record<string, unknown>>
}

export type Installed =
  | { readonly outcome: 'applied' }
  /** `differs`: the fields of the wanted spec that it has otherwise, such as `spec.imports`. */
  | { readonly outcome: 'exists'; readonly differs: readonly string[] }

/** Puts the default account there at the start. */
export interface AccountInstaller {
  /**
   * Applies `account` unless one of that name exists, which is left as it is: a person has made it. Replicas that start
   * together may all apply it. Rejects with a `KubernetesFailure`.
   */
  install(account: NewObject): Promise<Installed>
}

export function createAccountInstaller(connection: Connection, accounts: Resource): AccountInstaller {
  return {
    install: async (account) => {
      const path = resourcePath(accounts, account.metadata.namespace, account.metadata.name)
      const look = (): Promise<unknown> => orAbsent(connection.request({ method: 'GET', path }))
      const before = await look()
      if (before !== undefined) return exists(account, before)
      try {
        const contentType = 'application/apply-patch+yaml'
        await connection.request({ method: 'PATCH', path, query: FIELD_MANAGER, body: account, contentType })
        return { outcome: 'applied' }
      } catch (error) {
        // Somebody else's fields differ: it has come into being meanwhile.
        if (error instanceof KubernetesFailure && error.kind === 'conflict')
          return exists(account, await look())
        throw error
      }
    },
  }
}

function exists({ spec }: NewObject, present: unknown): Installed {
  const differs = Object.entries(spec)
    .filter(([field, wanted]) => !isDeepStrictEqual(valueAt(present, 'spec', field), wanted))
    .map(([field]) => `spec.${field}`)
  return { outcome: 'exists', differs }
}
