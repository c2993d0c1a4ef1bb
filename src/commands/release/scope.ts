import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { Listed, ReleaseClient } from '../../kubernetes/release-client.ts'
import { KubernetesFailure } from '../../reconciler/ports.ts'
import { TwilioFailure } from '../../external/failure.ts'
import { CommandError } from '../command-options.ts'
import { installationPart } from '../../external/ownership-mark.ts'

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

/**
 * What stands in the marks of this installation, by account at Twilio: as it was given, as the operator has noted it, or
 * as it would choose. What is returned throws {@link CommandError} where that is not certain: own marks would be taken for
 * those of others, and stay.
 */
export async function resolveInstallation(
  given: string | undefined,
  client: Pick<ReleaseClient, 'clusterId'>,
  scope: Pick<Scope, 'namespace' | 'accounts'>,
): Promise<(accountSid: string) => string> {
  if (given !== undefined) return () => installationPart(given)
  const clusterId = await unlessForbidden(client.clusterId())
  const own = clusterId === undefined ? [] : [installationPart(clusterId)]
  return (accountSid) => {
    const noted = notedIn(accountSid, scope)
    const [only, ...more] = noted.length > 0 ? noted : own
    if (only === undefined)
      throw new CommandError(
        `the installation id of the operator that uses ${accountSid} is not known: ${GIVE_IT}`,
      )
    if (more.length > 0)
      throw new CommandError(
        `operators with different installation ids use ${accountSid}: release the namespaces of one at a time, and ${GIVE_IT}`,
      )
    return only
  }
}

const GIVE_IT = 'give its --installation-id, which the log line "Reconciling" of the operator shows'

/** More than one where several operators use the account. What a TwilioAccount of the scope says goes before all others. */
function notedIn(accountSid: string, scope: Pick<Scope, 'namespace' | 'accounts'>): readonly string[] {
  const { objects, unreadable } = scope.accounts
  const all = [...objects, ...unreadable.flatMap(({ partial }) => partial ?? [])]
  const same = all.filter(({ spec }) => spec.accountSid === accountSid)
  const [here = [], anywhere = []] = [same.filter((account) => isInScope(scope, account)), same].map(
    (some) => [...new Set(some.flatMap(({ status }) => status.installationId ?? []))],
  )
  return here.length > 0 ? here : anywhere
}
