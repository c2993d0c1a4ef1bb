import { FINALIZER } from '../api/group.ts'
import type { TwilioAccount } from '../api/twilio-account.ts'
import type { ReconcileResult } from '../controller/controller.ts'
import type { AccountState } from './memory/account-registry.ts'
import { reportAccount } from './account/report-account.ts'
import { mayReferNow } from './observe/account-facts.ts'
import { noteConflict } from './observe/contests.ts'
import { partialSink } from './memory/account-of-sink.ts'
import { evaluateHold, enqueueHeldByOthers } from './account/evaluate-account.ts'
import { approvalOf } from './observe/account-trust.ts'
import { addFinalizerPatch, removeFinalizerPatch } from './metadata-patch.ts'
import { pollAccount, type Polled } from './account/poll-account.ts'
import { isDue, schedule, untilNext } from './account/poll-schedule.ts'
import { KubernetesFailure, type KubernetesFailureKind, type ObjectKey } from './ports.ts'
import { endRefusals, shownWords, reportRefusal } from './effects/refused-write.ts'
import { refreshCredential } from './account/read-credential.ts'
import { refreshSecrets, refersTo, sinksOf, type AccountSinks } from './account/sinks-of-account.ts'
import { forgetUnreadable, reconcileUnreadableAccount } from './unreadable-objects.ts'
import { forgetSettled } from './observe/forget-settled.ts'
import { isOverdue } from './observe/snapshot-facts.ts'
import type { ReconcileContext } from './context.ts'

/**
 * One reconcile over an account: its Secret, a LIST if one is due, its status, and enqueues the Sinks that it concerns.
 */
export async function reconcileAccount(s: ReconcileContext, name: ObjectKey): Promise<ReconcileResult> {
  const cached = s.accounts.get(name)
  if (cached === undefined) {
    forgetUnreadable(s, 'account', name)
    s.registry.remove(name)
    forgetSettled(s)
    enqueueHeldByOthers(s)
    return { kind: 'change' }
  }
  try {
    const result = cached.readable
      ? await reconcileReadable(s, name, cached.object)
      : await reconcileUnreadableAccount(s, cached, keepFinalizer)
    if (result.kind !== 'retry') endRefusals(s, 'TwilioAccount', name)
    return result
  } catch (error) {
    if (!(error instanceof KubernetesFailure)) throw error
    if (error.kind === 'conflict' || error.kind === 'not-found') {
      // Decided on a stale view.
      noteConflict(s, 'TwilioAccount', name)
      return { kind: 'now' }
    }
    reportRefusal(s, { kind: 'TwilioAccount', cached }, error)
    return { kind: 'retry' }
  }
}

async function reconcileReadable(
  s: ReconcileContext,
  name: ObjectKey,
  account: TwilioAccount,
): Promise<ReconcileResult> {
  forgetUnreadable(s, 'account', name)
  const entry = s.registry.ensure(name, account.spec.accountSid, s.clock.monotonic())
  const complete = await readLabels(s, account, entry)
  const sinks = sinksOf(s, { ...entry, account })
  if (!s.leadership.mayMutate()) return { kind: 'retry' }
  const departed = await keepFinalizer(s, entry, account, complete ? sinks : { ...sinks, needed: true })
  if (departed) return { kind: 'change' }
  await refreshCredential(s, account, entry)
  const polled = await pollWhenDue(s, entry, sinks)
  // An approval, or what others have recorded since, counts without a new LIST.
  evaluateHold(s, entry)
  enqueueOnNews(s, entry, sinks)
  if (!s.leadership.mayMutate()) return { kind: 'retry' }
  await reportAccount(s, name, { entry, sinks, polled })
  // Nothing of the account can be done before.
  if (entry.secretUnread && entry.connection === undefined) return { kind: 'retry' }
  const ms = Math.min(untilNext(s, entry), untilApproval(s, account))
  const failed = polled?.kind === 'failed' || entry.secretUnread
  return failed ? { kind: 'after', ms, error: true } : { kind: 'after', ms }
}

async function pollWhenDue(
  s: ReconcileContext,
  entry: AccountState,
  sinks: AccountSinks,
): Promise<Polled | undefined> {
  if (!isDue(s, entry)) return undefined
  const polled = await pollAccount(s, entry)
  schedule(s, entry, polled)
  enqueueChanged(s, entry, polled)
  if (polled.kind === 'listed') await refreshSecrets(s, sinks)
  return polled
}

/** An approval in the future begins by itself. */
function untilApproval({ clock }: ReconcileContext, account: TwilioAccount): number {
  const approval = approvalOf(account)
  const wait = approval.kind === 'time' ? approval.at - clock.now() : 0
  return wait > 0 ? wait + 1 : Infinity
}

/**
 * Which of the namespaces whose Sinks refer to the account may: only their Sinks count for it, whether they can be read or
 * not. Resolves to whether all could be asked: else what was read last counts, and nobody else of the account waits for it.
 */
async function readLabels(
  s: ReconcileContext,
  account: TwilioAccount,
  entry: AccountState,
): Promise<boolean> {
  if (account.spec.allowedNamespaces.from !== 'Selector') return true
  const namespaces = new Set<string>()
  for (const cached of s.sinks.all()) {
    const sink = partialSink(cached)
    if (sink !== undefined && refersTo(s, sink, entry.name) !== false) namespaces.add(sink.metadata.namespace)
  }
  for (const known of entry.labelled.keys()) if (!namespaces.has(known)) entry.labelled.delete(known)
  let complete = true
  for (const namespace of namespaces) {
    try {
      await mayReferNow(s, account, entry, namespace)
    } catch (error) {
      if (!(error instanceof KubernetesFailure)) throw error
      complete = false
      const fields = { account: entry.name, namespace, reason: error.kind, err: error.message }
      s.observer.log('warn', fields, 'The API server does not tell the labels of a namespace')
    }
  }
  return complete
}

/** Whether the account can be used, and why not: all its Sinks must hear of a change. */
function enqueueOnNews(s: ReconcileContext, entry: AccountState, sinks: AccountSinks): void {
  const { trouble, secretGone } = entry
  const { reason, items = [] } = entry.hold ?? {}
  const approved = items.filter((item) => item.approved).map(({ id }) => id)
  const news = [trouble?.reason, isOverdue(s, entry), secretGone, reason, ...approved].join(' ')
  if (news === entry.lastNews) return
  entry.lastNews = news
  for (const key of sinks.keys) s.enqueue.sink(key)
}

function enqueueChanged(s: ReconcileContext, entry: AccountState, polled: Polled): void {
  if (polled.kind === 'listed') {
    for (const sid of polled.change.sids) for (const key of s.index.keysOf(sid)) s.enqueue.sink(key)
    for (const object of polled.change.objects) {
      const key = s.names.keyOfMark(object)
      if (key !== undefined) s.enqueue.sink(key)
    }
  }
  for (const key of entry.subscribers) s.enqueue.sink(key)
}

/** An account stays as long as a Sink refers to it: without it no sink could be deleted. Returns whether it is leaving. */
async function keepFinalizer(
  s: ReconcileContext,
  entry: Pick<AccountState, 'name' | 'finalizerRefused'>,
  { metadata }: Pick<TwilioAccount, 'metadata'>,
  sinks: AccountSinks,
): Promise<boolean> {
  const ours = metadata.finalizers.includes(FINALIZER)
  const leaving = metadata.deletionTimestamp !== undefined
  if (sinks.needed && !ours && !leaving) await addFinalizer(s, entry, metadata)
  if (!sinks.needed && ours) await s.accounts.patch(entry.name, removeFinalizerPatch(metadata))
  return leaving && (!sinks.needed || !ours)
}

const REFUSALS: readonly KubernetesFailureKind[] = ['forbidden', 'invalid', 'refused', 'unavailable']

/** Without it the account can go before its Sinks, which then wait for it. That is no reason to stop them now. */
async function addFinalizer(
  s: ReconcileContext,
  entry: Pick<AccountState, 'name' | 'finalizerRefused'>,
  metadata: TwilioAccount['metadata'],
): Promise<void> {
  try {
    await s.accounts.patch(entry.name, addFinalizerPatch(metadata, undefined))
    entry.finalizerRefused = false
  } catch (error) {
    if (!(error instanceof KubernetesFailure) || !REFUSALS.includes(error.kind)) throw error
    if (entry.finalizerRefused) return
    entry.finalizerRefused = true
    const fields = {
      account: entry.name,
      reason: error.kind,
      err: error.message,
      said: shownWords(error, []),
    }
    s.observer.log('warn', fields, 'The API server refuses the finalizer of a TwilioAccount')
  }
}
