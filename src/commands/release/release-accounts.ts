import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { Listed, ReleaseClient } from '../../kubernetes/release-client.ts'
import { isNamedBy } from './accounts.ts'
import { removeObject } from './objects.ts'
import { accountSidOf, keyOf } from './plan.ts'
import type { Release } from './release-sinks.ts'
import { notReleased, type ReleaseRow } from './row.ts'
import { isInScope, messageOf, unlessForbidden } from './scope.ts'

/** Removes the accounts of the scope that no Sink needs any more. Each failure is a row. */
export async function releaseAccounts({
  client,
  scope,
}: Pick<Release, 'client' | 'scope'>): Promise<ReleaseRow[]> {
  const users = await usersOf(client, scope.namespace).catch(messageOf)
  const rows: ReleaseRow[] = []
  for (const account of scope.accounts.objects.filter((one) => isInScope(scope, one))) {
    const object = `${keyOf(account)} (TwilioAccount)`
    if (typeof users === 'string')
      rows.push(notReleased(object, `it is not known whether Sinks need it: ${users}`))
    else if (mayBeNeeded(account, users))
      rows.push({ object, sid: '-', outcome: 'the object stays: Sinks may need it', released: true })
    else rows.push(await remove(client, account, object))
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
function mayBeNeeded(account: TwilioAccount, { objects, unreadable, everywhere }: Users): boolean {
  const seesUsers = everywhere || account.spec.allowedNamespaces.from === 'Same'
  return !seesUsers || unreadable.length > 0 || isNeeded(account, objects)
}

/** Whether one of the Sinks needs the account: it names it, its sink is in it, or a create was sent there. */
export function isNeeded(account: TwilioAccount, sinks: readonly Sink[]): boolean {
  return sinks.some((sink) => {
    const accountSid = accountSidOf(sink)
    if (accountSid === account.spec.accountSid || isNamedBy(account, sink)) return true
    return accountSid === undefined && mayBeDefault(account, sink)
  })
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
