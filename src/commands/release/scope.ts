import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { Listed, ReleaseClient } from '../../kubernetes/release-client.ts'
import { KubernetesFailure } from '../../reconciler/ports.ts'
import { TwilioFailure } from '../../external/failure.ts'
import { CommandError } from '../command-options.ts'

/** What is to be released, and what may be used for that. */
export interface Scope {
  /** '': all. */
  readonly namespace: string
  readonly sinks: Listed<Sink>
  /** All that can be seen, for their credentials; those of the scope are to be removed. */
  readonly accounts: Listed<TwilioAccount>
}

/** A person who may read only one namespace sees only the accounts in it. */
export async function readScope(client: ReleaseClient, namespace: string): Promise<Scope> {
  const sinks = await client.sinks.list(namespace)
  const everywhere = await unlessForbidden(client.accounts.list(''))
  return { namespace, sinks, accounts: everywhere ?? (await client.accounts.list(namespace)) }
}

export const isInScope = (
  { namespace }: Pick<Scope, 'namespace'>,
  { metadata }: Pick<TwilioAccount, 'metadata'>,
): boolean => namespace === '' || metadata.namespace === namespace

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
