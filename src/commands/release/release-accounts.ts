import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { Listed, ReleaseClient } from '../../kubernetes/release-client.ts'
import { isNamedBy } from './accounts.ts'
import { removeObject } from './objects.ts'
import { openAttemptOf } from '../../external/create-attempt.ts'
import { accountSidOf, keyOf } from './plan.ts'
import type { Release } from './release-sinks.ts'
import { notReleased, type ReleaseRow } from './row.ts'
import { isInScope, messageOf, unlessForbidden, type Scope } from './scope.ts'

type Given = Pick<Release, 'client' | 'scope'>

/** Removes the accounts of the scope that no Sink needs any more. Each failure is a row. */
export async function releaseAccounts({ client, scope }: Given): Promise<ReleaseRow[]> {
  const users = await usersOf(client, scope.namespace).catch(messageOf)
  return rowsOf(scope, users, (account, object) => remove(client, account, object))
}

/** What would be done once the Sinks of `planned` that can be released have gone; changes nothing. */
export async function plannedAccounts(
  { client, scope }: Given,
  planned: readonly ReleaseRow[],
): Promise<ReleaseRow[]> {
  const going = new Set(planned.filter(({ released }) => released).map(({ object }) => object))
  const users = await usersOf(client, scope.namespace).catch(messageOf)
  const left =
    typeof users === 'string'
      ? users
      : { ...users, objects: users.objects.filter((sink) => !going.has(keyOf(sink))) }
  return rowsOf(scope, left, async (_account, object) => ({
    object,
    sid: '-',
    outcome: 'to be removed; its Secret stays',
    released: true,
  }))
}

/** `users`: or why they are not known. */
async function rowsOf(
  scope: Scope,
  users: Users | string,
  removed: (account: TwilioAccount, object: string) => Promise<ReleaseRow>,
): Promise<ReleaseRow[]> {
  const rows: ReleaseRow[] = []
  for (const account of scope.accounts.objects.filter((one) => isInScope(scope, one))) {
    const object = `${keyOf(account)} (TwilioAccount)`
    if (typeof users === 'string')
      rows.push(notReleased(object, `it is not known whether Sinks need it: ${users}`))
    else if (mayBeNeeded(account, users, scope.accounts.objects))
      rows.push({ object, sid: '-', outcome: 'the object stays: Sinks may need it', released: true })
    else rows.push(await removed(account, object))
  }
  for (const { key, problem, partial } of scope.accounts.unreadable)
    if (partial === undefined || isInScope(scope, partial))
      rows.push(notReleased(`${key} (TwilioAccount)`, `the object cannot be read: ${problem}`))
  return rows
}

interface Users extends Listed<Sink> {
  /** Those of all namespaces are seen. */
  readonly everywhere: boolean
}

async function usersOf({ sinks }: ReleaseClient, namespace: string): Promise<Users> {
  const all = await unlessForbidden(sinks.list(''))
  return all === undefined
    ? { ...(await sinks.list(namespace)), everywhere: false }
    : { ...all, everywhere: true }
}

/** A person who sees only one namespace knows enough of an account that serves no other. */
function mayBeNeeded(
  account: TwilioAccount,
  { objects, unreadable, everywhere }: Users,
  accounts: readonly TwilioAccount[],
): boolean {
  const seesUsers = everywhere || account.spec.allowedNamespaces.from === 'Same'
  return !seesUsers || unreadable.length > 0 || isNeeded(account, objects, accounts)
}

/**
 * Whether one of the Sinks needs the account: it names it, its sink is in it, or a create was sent there. If a Sink refers
 * to another TwilioAccount, whose account its sink is in, that one serves it alone; but while the end of a create is not
 * known, the key that sent it may be the only witness.
 */
export function isNeeded(
  account: TwilioAccount,
  sinks: readonly Sink[],
  accounts: readonly TwilioAccount[],
): boolean {
  return sinks.some((sink) => {
    if (isNamedBy(account, sink)) return true
    const accountSid = accountSidOf(sink)
    if (openAttemptOf(sink) === undefined && isServed(sink, accounts)) return false
    return accountSid === undefined ? mayBeDefault(account, sink) : accountSid === account.spec.accountSid
  })
}

function isServed(sink: Sink, accounts: readonly TwilioAccount[]): boolean {
  const referred = accounts.find((one) => isNamedBy(one, sink))
  if (referred === undefined) return false
  const { accountSid = referred.spec.accountSid } = sink.status
  return accountSid === referred.spec.accountSid
}

/** Which account a Sink without a reference uses is an option of the operator, which is not known here. */
const mayBeDefault = ({ metadata, spec }: TwilioAccount, sink: Sink): boolean =>
  sink.spec.accountRef === undefined &&
  (spec.allowedNamespaces.from !== 'Same' || sink.metadata.namespace === metadata.namespace)

/** A failure of one account hides nothing of what was done before. The credentials stay in their Secret, which is a person's. */
async function remove(
  { accounts }: ReleaseClient,
  account: TwilioAccount,
  object: string,
): Promise<ReleaseRow> {
  try {
    const left = await removeObject(accounts, account)
    if (left === undefined) return { object, sid: '-', outcome: 'removed; its Secret stays', released: true }
    return notReleased(object, `it waits for ${left.metadata.finalizers.join(', ')}, which others have set`)
  } catch (error) {
    return notReleased(object, messageOf(error))
  }
}
