import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { UnreadableItem, ReleaseClient } from '../../kubernetes/release-client.ts'
import { KubernetesFailure } from '../../reconciler/ports.ts'
import { TwilioFailure } from '../../external/failure.ts'
import { CommandError } from '../command-options.ts'

/** What there is, and what of it is to be released. */
export interface Scope {
  readonly sinks: readonly Sink[]
  /** Sinks of the scope that cannot be read. */
  readonly unreadable: readonly UnreadableItem<Sink>[]
  /** Those that may be used for their credentials; those of the scope are to be removed. */
  readonly accounts: readonly TwilioAccount[]
  /** Accounts that cannot be read, of all that can be seen. */
  readonly unreadableAccounts: readonly UnreadableItem<TwilioAccount>[]
  readonly isInScope: (account: Pick<TwilioAccount, 'metadata'>) => boolean
}

/** `namespace` '': all. A person who may read only one namespace sees only the accounts in it. */
export async function readScope(client: ReleaseClient, namespace: string): Promise<Scope> {
  const { objects: sinks, unreadable } = await client.sinks.list(namespace)
  const everywhere = await unlessForbidden(client.accounts.list(''))
  const accounts = everywhere ?? (await client.accounts.list(namespace))
  return {
    sinks,
    unreadable,
    accounts: accounts.objects,
    unreadableAccounts: accounts.unreadable,
    isInScope: ({ metadata }) => namespace === '' || metadata.namespace === namespace,
  }
}

export async function unlessForbidden<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof KubernetesFailure && error.kind === 'forbidden') return undefined
    throw error
  }
}

/** In words for people; none of these holds a secret. Anything else is a defect and must be seen: it is thrown again. */
export function messageOf(error: unknown): string {
  if (error instanceof TwilioFailure) return `Twilio (${error.kind}): ${error.message}`
  if (error instanceof KubernetesFailure || error instanceof CommandError) return error.message
  throw error
}
