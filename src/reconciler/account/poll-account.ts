import { refusedToken } from '../../account/credential.ts'
import { changeBetween, type SnapshotChange, withList, type Snapshot } from '../../account/snapshot.ts'
import { type AccountReadyReason, seconds } from '../../api/condition.ts'
import { type FailureFacts, TwilioFailure } from '../../external/failure.ts'
import { words } from '../../sink/messages.ts'
import type { AccountState } from '../memory/account-registry.ts'
import { forgetSettled } from '../observe/forget-settled.ts'
import { evaluateHold } from './evaluate-account.ts'
import { logPollFailure, logPollRecovered } from './poll-failure.ts'
import type { KeyDigest } from '../../external/key-digest.ts'
import type { SinkList, Subscription, TwilioAccountApi } from '../ports.ts'
import { isOverdue } from '../observe/snapshot-facts.ts'
import type { ReconcileContext } from '../context.ts'

export type Polled =
  | { readonly kind: 'listed'; readonly change: SnapshotChange }
  | { readonly kind: 'failed'; readonly failure: FailureFacts }
  /** The account got another key meanwhile, or the process ends: the answer is discarded. */
  | { readonly kind: 'discarded' }

/** LISTs Sinks and Subscriptions completely and takes them into the snapshot. */
export async function pollAccount(s: ReconcileContext, entry: AccountState): Promise<Polled> {
  const { connection } = entry
  if (connection === undefined) return { kind: 'discarded' }
  const beganAt = s.clock.monotonic()
  const listing = { beganAt, pages: 1 }
  entry.listing = listing
  try {
    const [list, subscriptions] = await bothLists(connection.api, entry.failures > 0)
    if (entry.connection !== connection) return { kind: 'discarded' }
    return takeIn(s, entry, { beganAt, list, subscriptions })
  } catch (error) {
    if (!(error instanceof TwilioFailure)) throw error
    if (entry.connection !== connection || error.givenUp === true) return { kind: 'discarded' }
    noteFailure(s, entry, error)
    return { kind: 'failed', failure: error }
  } finally {
    if (entry.listing === listing) entry.listing = undefined
  }
}

/** Side by side, but for an account that was refused or unreachable the last time: one failing call is enough. */
async function bothLists(
  api: TwilioAccountApi,
  carefully: boolean,
): Promise<[SinkList, readonly Subscription[] | undefined]> {
  const sinks = api.listSinks()
  if (carefully) await sinks
  return Promise.all([sinks, listSubscriptions(() => api.listSubscriptions())])
}

interface Lists {
  readonly beganAt: number
  readonly list: SinkList
  /** Undefined: this key may not read them. */
  readonly subscriptions: readonly Subscription[] | undefined
}

function takeIn(s: ReconcileContext, entry: AccountState, { beganAt, list, subscriptions }: Lists): Polled {
  const endedAt = s.clock.monotonic()
  const before = entry.snapshot
  // What has been forgotten meanwhile was not kept for LISTs from before an outage.
  const proving = isOverdue(s, entry) ? { ...before, lists: [] } : before
  const after = withList(proving, list.sinks, { beganAt, pages: list.pages }, bySink(subscriptions))
  // What a late LIST shows of a sink that we have touched since says nothing about it.
  const { key } = after
  for (const sink of list.sinks)
    if (after.sinks.get(sink.sid)?.sink === sink) s.lastSeen.recordSeen(sink, key, endedAt)
  entry.snapshot = after
  noteShown(s, entry, { list, subscriptions, key })
  forgetSettled(s)
  entry.verified = true
  logPollRecovered(s, entry)
  entry.failures = 0
  entry.pollFailure = undefined
  entry.limit = Math.max(entry.limit, after.sinks.size)
  entry.subscriptionAccounts = new Set(subscriptions?.flatMap(({ accountSid }) => accountSid ?? []))
  entry.listedSids = new Set(list.sinks.map(({ sid }) => sid))
  evaluateHold(s, entry)
  if (!isOfSecret(entry.trouble)) entry.trouble = foreignAccount(entry)
  return { kind: 'listed', change: changeBetween(before.lists.length === 0 ? undefined : before, after) }
}

/** What the answers through the key prove about whose it is. */
function noteShown(
  { witnesses, index }: ReconcileContext,
  { connection, snapshot }: AccountState,
  { list, subscriptions, key }: Pick<Lists, 'list' | 'subscriptions'> & { readonly key: KeyDigest },
): void {
  const listed = new Set(list.sinks.map(({ sid }) => sid))
  const gone = (sid: string): boolean => !snapshot.sinks.has(sid) && index.claims(sid).length === 0
  witnesses.forget(key, witnesses.sinksOf(key).filter(gone))
  for (const sid of listed) witnesses.shown(key, sid)
  for (const { accountSid } of subscriptions ?? [])
    if (accountSid !== undefined) witnesses.shown(key, accountSid)
  const { username = '' } = connection?.credential ?? {}
  // The user name of an auth token is the SID of its account.
  if (username.startsWith('AC')) witnesses.shown(key, username)
}

/** Subscriptions name their account: another one than the pinned one shows that the key belongs elsewhere. */
function foreignAccount({ accountSid, subscriptionAccounts }: AccountState): AccountState['trouble'] {
  const [other] = [...subscriptionAccounts].filter((sid) => sid !== accountSid)
  if (other === undefined) return undefined
  const message = `The credentials belong to the account ${other}, not to ${accountSid}: put those of ${accountSid} into the Secret.`
  return { reason: 'AccountMismatch', message }
}

function bySink(subscriptions: readonly Subscription[] | undefined): Snapshot['subscriptions'] {
  if (subscriptions === undefined) return undefined
  const found = new Map<string, string[]>()
  for (const { sid, sinkSid } of subscriptions)
    if (sinkSid !== undefined) found.set(sinkSid, [...(found.get(sinkSid) ?? []), sid])
  return found
}

/** A key need not be allowed to read subscriptions: then it is not known which sinks they use. */
async function listSubscriptions(
  list: () => Promise<readonly Subscription[]>,
): Promise<readonly Subscription[] | undefined> {
  try {
    return await list()
  } catch (error) {
    if (error instanceof TwilioFailure && (error.kind === 'forbidden' || error.kind === 'not-found'))
      return undefined
    throw error
  }
}

const REFUSED: Partial<Record<FailureFacts['kind'], AccountReadyReason>> = {
  unauthorized: 'Unauthorized',
  forbidden: 'Forbidden',
}

const REMEDY: Partial<Record<AccountReadyReason, string>> = {
  Unauthorized: 'Put valid credentials into the Secret; they are read again every few seconds.',
  Forbidden: 'Give the key the permission for Event Streams, or use another one.',
}

const tokenHint = ({ connection }: AccountState, reason: AccountReadyReason): string =>
  reason === 'Unauthorized' && connection !== undefined ? refusedToken(connection.credential) : ''

/** The Secret cannot be used, whatever Twilio says to the last credential from it. */
const isOfSecret = (trouble: AccountState['trouble']): boolean =>
  trouble?.reason === 'SecretMissing' || trouble?.reason === 'SecretInvalid'

/** A correction at Twilio is seen when Twilio is asked again, and not before. */
function noteFailure(s: ReconcileContext, entry: AccountState, failure: TwilioFailure): void {
  logPollFailure(s, entry, failure)
  entry.failures += 1
  entry.pollFailure = failure
  const reason = REFUSED[failure.kind]
  if (reason === undefined) return
  entry.verified = false
  // What is wrong with the Secret is reported first: nobody can correct the earlier credential.
  if (isOfSecret(entry.trouble)) return
  entry.trouble = {
    reason,
    // Of Twilio's words none is shown: what it refuses is a secret.
    message:
      `Twilio refuses the credentials${words({ ...failure, message: failure.message, words: undefined })}${tokenHint(entry, reason)} ${REMEDY[reason] ?? ''} ` +
      `A fix at Twilio is noticed at the next poll, within ${seconds(s.settings.poll)}.`,
  }
}
