import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { Listed, ReleaseClient } from '../../kubernetes/release-client.ts'
import { hasReachedTwilio, keyOf, planOf, type Plan, type PlanSettings } from './plan/plan.ts'
import { howToUnlock, isProtected } from './plan/managed-by.ts'
import { notReleased, rowOf, type ReleaseRow } from './plan/row.ts'
import { FINALIZER } from '../../api/group.ts'
import { suspendAndOrphan, waitObserved, retryOnConflict, type WaitOptions } from './suspend.ts'
import { isNeeded, removeAccount } from './release-account.ts'
import { releaseSink, remove, stillSuspended } from './release-sink.ts'
import { unlessForbidden, type Scope, messageOf } from './scope.ts'
import type { OpenAccount, AccountOpener } from './accounts.ts'

export interface Release {
  readonly client: ReleaseClient
  readonly scope: Scope
  readonly twilio: AccountOpener
  readonly settingsFor: (account: OpenAccount) => PlanSettings
  readonly waitOptions: WaitOptions
  /** Tells the person how far it is. */
  readonly tell: (line: string) => void
}

/** What would be done; changes nothing. */
export async function plannedRows(release: Release): Promise<ReleaseRow[]> {
  const planned = await planAll(release)
  return [...planned.map(({ row }) => row), ...unreadableRows(release.scope)]
}

/** Only reads: everything that the command needs is checked here, before the first write. */
async function planAll(release: Release): Promise<{ readonly sink: Sink; readonly row: ReleaseRow }[]> {
  const planned = []
  for (const sink of release.scope.sinks) planned.push({ sink, row: await plannedRow(release, sink) })
  return planned
}

async function plannedRow({ twilio, settingsFor }: Release, sink: Sink): Promise<ReleaseRow> {
  // Its deletion would be refused when its mark is gone already.
  if (isProtected(sink)) return notReleased(keyOf(sink), howToUnlock(sink), sink.status.sid)
  const opening = await twilio.open(sink)
  if (opening.ok) {
    const plan = planOf(sink, opening.account.seen, settingsFor(opening.account))
    return rowOf(keyOf(sink), plan, false)
  }
  return needsTwilio(sink) ? notReleased(keyOf(sink), opening.why) : rowOf(keyOf(sink), NONE_MADE, false)
}

const NONE_MADE: Plan = { kind: 'nothing', because: 'none was made' }

/** Without our finalizer and without a record nothing of it can be there. */
const needsTwilio = (sink: Sink): boolean =>
  hasReachedTwilio(sink) || sink.metadata.finalizers.includes(FINALIZER)

/**
 * Suspends all objects first, then removes the marks, then the objects. Objects whose end is not certain are left alone,
 * suspended. A failure of one object never stops the others. Throws `CommandError` only before the first write.
 */
export async function releaseAll(release: Release): Promise<ReleaseRow[]> {
  const { client, scope, waitOptions, tell } = release
  const planned = await planAll(release)
  const rows = planned.map(({ row }) => row).filter(({ released }) => !released)
  const suspended: Sink[] = []
  for (const { sink } of planned.filter(({ row }) => row.released)) {
    const outcome = await quiesced(client, sink)
    if ('row' in outcome) rows.push(outcome.row)
    else suspended.push(outcome.sink)
  }
  if (suspended.length > 0) tell('The Sinks are suspended. Waiting until a running operator has seen that.')
  const unaware = await waitObserved(client.sinks, suspended, waitOptions)
  if (unaware > 0)
    tell(`No operator has seen that ${unaware} Sinks are suspended: continuing as if no operator is running.`)
  for (const sink of suspended) rows.push(await guarded(sink, () => releaseOne(release, sink)))
  return [...rows, ...unreadableRows(scope)].sort((a, b) => (a.object < b.object ? -1 : 1))
}

async function quiesced(client: ReleaseClient, sink: Sink): Promise<{ sink: Sink } | { row: ReleaseRow }> {
  try {
    return { sink: await retryOnConflict(() => suspendAndOrphan(client.sinks, sink)) }
  } catch (error) {
    return { row: rowOfFailure(sink, error) }
  }
}

async function releaseOne({ client, twilio, settingsFor }: Release, sink: Sink): Promise<ReleaseRow> {
  // The operator may have made or recorded a sink since, or a person have protected the object.
  const present = (await client.sinks.read(sink)) ?? sink
  if (isProtected(present)) return stillSuspended(present, howToUnlock(present))
  const opening = await twilio.open(present)
  if (!opening.ok && needsTwilio(present)) return stillSuspended(present, opening.why)
  if (!opening.ok) return remove(client.sinks, present, NONE_MADE)
  const account = await withRecorded(opening.account, present)
  return releaseSink(client.sinks, present, { account, settings: settingsFor(account) })
}

/** A sink that was made since the LIST. */
async function withRecorded(account: OpenAccount, { status }: Sink): Promise<OpenAccount> {
  const { seen, api } = account
  if (status.sid === undefined || seen.sinks.has(status.sid)) return account
  const { sinks } = await api.listSinks()
  return { api, seen: { ...seen, sinks: new Map(sinks.map((sink) => [sink.sid, sink])) } }
}

async function guarded(sink: Sink, work: () => Promise<ReleaseRow>): Promise<ReleaseRow> {
  try {
    return await work()
  } catch (error) {
    return rowOfFailure(sink, error)
  }
}

const rowOfFailure = (sink: Sink, error: unknown): ReleaseRow =>
  notReleased(keyOf(sink), messageOf(error), sink.status.sid)

const unreadableRows = ({ unreadable }: Scope): ReleaseRow[] =>
  unreadable.map(({ key, problem }) => notReleased(key, `the object cannot be read: ${problem}`))

/** Removes the accounts of the scope that no Sink needs any more. Each failure is a row. */
export async function releaseAccounts({ client, scope, waitOptions }: Release): Promise<ReleaseRow[]> {
  const users = await usersOf(client, waitOptions.namespace).catch(messageOf)
  const rows: ReleaseRow[] = []
  for (const account of scope.accounts.filter(scope.isInScope)) {
    const object = `${account.metadata.namespace}/${account.metadata.name} (TwilioAccount)`
    if (typeof users === 'string')
      rows.push(notReleased(object, `it is not known whether Sinks need it: ${users}`))
    else if (mayBeNeeded(account, users))
      rows.push({ object, sid: '-', outcome: 'the object stays: Sinks may need it', released: true })
    else rows.push(await rowOfRemoved(client, account, object))
  }
  return [...rows, ...unreadableAccountRows(scope)]
}

const unreadableAccountRows = ({ unreadableAccounts, isInScope }: Scope): ReleaseRow[] =>
  unreadableAccounts
    .filter(({ partial }) => partial === undefined || isInScope(partial))
    .map(({ key, problem }) => notReleased(`${key} (TwilioAccount)`, `the object cannot be read: ${problem}`))

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

/** A failure of one account hides nothing of what was done before. */
async function rowOfRemoved(
  client: ReleaseClient,
  account: TwilioAccount,
  object: string,
): Promise<ReleaseRow> {
  try {
    const left = await removeAccount(client.accounts, account)
    if (left === undefined) return { object, sid: '-', outcome: 'removed; its Secret stays', released: true }
    return notReleased(object, `it waits for ${left.metadata.finalizers.join(', ')}, which others have set`)
  } catch (error) {
    return notReleased(object, messageOf(error))
  }
}
