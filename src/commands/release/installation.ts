import type { ReleaseClient } from '../../kubernetes/release-client.ts'
import { notedInstallations } from './plan/noted-installation.ts'
import { installationPart } from '../../external/ownership-mark.ts'
import { CommandError } from '../command-options.ts'
import { unlessForbidden, type Scope } from './scope.ts'

/**
 * What stands in the marks of this installation, by account at Twilio: as it was given, as the operator has noted it, or
 * as it would choose. What is returned throws {@link CommandError} where that is not certain: own marks would be taken for
 * those of others, and stay.
 */
export async function resolveInstallation(
  given: string | undefined,
  client: Pick<ReleaseClient, 'clusterId'>,
  { accounts, unreadableAccounts, isInScope }: Pick<Scope, 'accounts' | 'unreadableAccounts' | 'isInScope'>,
): Promise<(accountSid: string) => string> {
  if (given !== undefined) return () => installationPart(given)
  const clusterId = await unlessForbidden(client.clusterId())
  const own = clusterId === undefined ? [] : [installationPart(clusterId)]
  const all = [...accounts, ...unreadableAccounts.flatMap(({ partial }) => partial ?? [])]
  return (accountSid) => {
    const noted = notedInstallations(all, accountSid, isInScope)
    const [only, ...more] = noted.length > 0 ? noted : own
    if (only === undefined) throw new CommandError(unknownIn(accountSid))
    if (more.length > 0) throw new CommandError(severalIn(accountSid))
    return only
  }
}

const GIVE_IT = 'give its --installation-id, which the log line "Reconciling" of the operator shows'
const unknownIn = (accountSid: string): string =>
  `the installation id of the operator that uses ${accountSid} is not known: ${GIVE_IT}`
const severalIn = (accountSid: string): string =>
  `operators with different installation ids use ${accountSid}: release the namespaces of one at a time, and ${GIVE_IT}`
