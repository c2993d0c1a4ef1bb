import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { AccountFacts, CredentialFacts, PresentAccount } from '../../sink/observation.ts'
import type { AccountState } from '../memory/account-registry.ts'
import { standingReady, heldReason } from './account-trust.ts'
import { accountNameOf, isAllowed, mayImport } from '../memory/account-of-sink.ts'
import type { ObjectKey } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'

/** The account that a Sink refers to; without `entry` what keeps the Sink from using it. */
export type AccountView =
  | { readonly entry: AccountState; readonly account: TwilioAccount }
  | { readonly entry: undefined; readonly facts: Exclude<AccountFacts, PresentAccount> }

/** May ask for labels, and remembers what they said. */
export async function viewAccount(s: ReconcileContext, sink: Sink): Promise<AccountView> {
  const name = accountNameOf(sink, s.accounts, s.settings.defaultAccount)
  const cached = s.accounts.get(name)
  if (cached === undefined)
    return { entry: undefined, facts: { kind: isWatched(s, name) ? 'missing' : 'unwatched', name } }
  if (!cached.readable)
    return { entry: undefined, facts: { kind: 'unreadable', name, problem: problemFor(sink, cached) } }
  const account = cached.object
  const entry = s.registry.ensure(name, account.spec.accountSid, s.clock.monotonic())
  if (!(await mayReferNow(s, account, entry, sink.metadata.namespace)))
    return { entry: undefined, facts: { kind: 'not-allowed', name } }
  return { entry, account }
}

/** What is not in the cache of a watched namespace does not exist. */
function isWatched({ settings }: ReconcileContext, name: ObjectKey): boolean {
  const { accountNamespaces } = settings
  return accountNamespaces.length === 0 || accountNamespaces.includes(name.split('/')[0] ?? '')
}

/**
 * It can name keys of maps, such as labels of a selector: not told to namespaces that may not be allowed to refer to it.
 */
const problemFor = (
  { metadata }: Sink,
  { key, problem }: { readonly key: ObjectKey; readonly problem: string },
): string => (key.startsWith(`${metadata.namespace}/`) ? problem : 'its own status names the field')

/** Asks for the labels of the namespace where they decide, and remembers what they said. */
export async function mayReferNow(
  { cluster }: ReconcileContext,
  account: TwilioAccount,
  { labelled }: AccountState,
  namespace: string,
): Promise<boolean> {
  const allowed = await isAllowed(account, namespace, cluster)
  if (account.spec.allowedNamespaces.from === 'Selector') labelled.set(namespace, allowed)
  return allowed
}

/** As of this moment: what a LIST showed and what was evaluated from it belong together. */
export function factsOf(
  { settings }: ReconcileContext,
  account: TwilioAccount,
  entry: AccountState,
  { metadata, status }: Sink,
): PresentAccount {
  return {
    kind: 'present',
    name: entry.name,
    accountSid: account.spec.accountSid,
    key: entry.snapshot.key === '' ? undefined : entry.snapshot.key,
    deleting: account.metadata.deletionTimestamp !== undefined,
    credential: credentialOf(entry),
    refusal: refusalIn(account, entry),
    ...heldFor(account, entry, status),
    importsAllowed: mayImport(account, metadata.namespace),
    ...(settings.unreadNamespaces().length > 0 && { importsWait: true }),
  }
}

function heldFor(
  account: TwilioAccount,
  entry: AccountState,
  { sid }: Sink['status'],
): Pick<PresentAccount, 'held' | 'heldAlone'> {
  const held = heldReason(entry, account)
  const heldAlone = held === undefined && sid !== undefined && entry.strays.has(sid)
  return heldAlone ? { held: 'UnprovenCredential', heldAlone } : { held }
}

/** What the account tells against its credentials, while nothing newer is known. */
function refusalIn(account: TwilioAccount, entry: AccountState): string | undefined {
  const ready = standingReady(account, entry)
  return ready?.status === 'False' ? ready.message : undefined
}

function credentialOf({ trouble, secretGone, verified, connection }: AccountState): CredentialFacts {
  if (trouble === undefined) return { state: 'usable' }
  if (secretGone && verified && connection !== undefined)
    return { state: 'remembered', message: trouble.message }
  return { state: 'unusable', ...trouble }
}
