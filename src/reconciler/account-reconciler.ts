import { FINALIZER } from '../api/group.ts'
import type { TwilioAccount } from '../api/twilio-account.ts'
import { isDeepStrictEqual } from 'node:util'
import type { AccountEntry } from './account-entry.ts'
import { accountStatus } from './account-status.ts'
import { announceAccount } from './announce-account.ts'
import { awaitsOthers, judgeAccount, releaseOf, wakeHeldByOthers } from './judge-account.ts'
import { claimPatch, preconditions, releasePatch } from './metadata-patch.ts'
import { pollAccount, type Polled } from './poll-account.ts'
import { KubernetesFailure, type ObjectKey } from './ports.ts'
import { refreshCredential } from './read-credential.ts'
import { readValues } from './read-values.ts'
import { sinksOf, type AccountSinks } from './sinks-of-account.ts'
import type { PassResult } from './sink-reconciler.ts'
import { isOverdue } from './snapshot-facts.ts'
import type { Surroundings } from './surroundings.ts'

/** One pass over an account: its Secret, a LIST if one is due, its status, and word to the Sinks that it concerns. */
export async function reconcileAccount(s: Surroundings, name: ObjectKey): Promise<PassResult> {
  const held = s.accounts.get(name)
  if (held === undefined) {
    s.directory.remove(name)
    wakeHeldByOthers(s)
    return { kind: 'change' }
  }
  if (!held.readable) {
    s.observer.log('error', { account: name, problem: held.problem }, 'A TwilioAccount cannot be read')
    return { kind: 'change' }
  }
  try {
    return await pass(s, name, held.object)
  } catch (error) {
    if (!(error instanceof KubernetesFailure)) throw error
    if (error.kind === 'conflict' || error.kind === 'not-found') return await again(s, name)
    s.observer.log(
      'warn',
      { account: name, reason: error.kind, err: error.message },
      'The API server did not take a request',
    )
    return { kind: 'retry' }
  }
}

/** Decided on a view that is no longer so. */
async function again(s: Surroundings, name: ObjectKey): Promise<PassResult> {
  await s.accounts.read(name).catch(() => undefined)
  return { kind: 'now' }
}

async function pass(s: Surroundings, name: ObjectKey, account: TwilioAccount): Promise<PassResult> {
  const sinks = sinksOf(s, name, account.spec.accountSid)
  if (!s.leadership.mayMutate()) return { kind: 'retry' }
  const departed = await keepFinalizer(s, name, account, sinks)
  if (departed) return { kind: 'change' }
  const entry = s.directory.ensure(name, account.spec.accountSid, s.clock.monotonic())
  await readCredentialOf(s, account, entry)
  if (isDue(s, entry)) {
    const polled = await pollAccount(s, entry)
    schedule(s, entry, polled)
    wakeChanged(s, entry, polled)
    if (polled.kind === 'listed') await readValues(s, sinks)
  }
  // A release, or what others have recorded since, counts without a new LIST.
  judgeAccount(s, entry)
  tellSinks(s, entry, sinks)
  if (!s.leadership.mayMutate()) return { kind: 'retry' }
  await writeAccountStatus(s, name, entry, sinks)
  return { kind: 'after', ms: Math.min(untilNext(s, entry), untilRelease(s, account)) }
}

/** A release that lies ahead begins by itself. */
function untilRelease({ clock }: Surroundings, account: TwilioAccount): number {
  const release = releaseOf(account)
  const wait = release.kind === 'time' ? release.at - clock.now() : 0
  return wait > 0 ? wait + 1 : Infinity
}

/** Those whose key is not proven may have waited for it. */
async function readCredentialOf(s: Surroundings, account: TwilioAccount, entry: AccountEntry): Promise<void> {
  await refreshCredential(s, account, entry)
  if (entry.credentialRead) return
  entry.credentialRead = true
  for (const { name, proven } of s.directory.all()) if (!proven) s.wake.account(name)
}

/** Whether the account can be used, and why not: all its Sinks must hear of a change. */
function tellSinks(s: Surroundings, entry: AccountEntry, sinks: AccountSinks): void {
  const { trouble, secretGone } = entry
  const { reason, items = [] } = entry.hold ?? {}
  const released = items.filter((item) => item.released).map(({ id }) => id)
  const news = [
    trouble?.reason,
    isOverdue(s, entry),
    secretGone,
    awaitsOthers(s, entry),
    reason,
    ...released,
  ].join(' ')
  if (news === entry.told) return
  entry.told = news
  for (const key of sinks.keys) s.wake.sink(key)
}

function isDue(s: Surroundings, entry: AccountEntry): boolean {
  if (entry.connection === undefined) return false
  const now = s.clock.monotonic()
  if (now >= dueAt(s, entry)) return true
  const latest = entry.snapshot.lists[0]?.beganAt ?? -1
  // While Twilio refuses or does not answer, nobody's wish shortens the interval.
  return entry.failures === 0 && entry.wantedFrom > latest && now >= entry.wantedFrom
}

/** A sink that has begun to move since the last poll brings the next one forward. */
function dueAt(s: Surroundings, entry: AccountEntry): number {
  const [latest] = entry.snapshot.lists
  if (entry.failures > 0 || latest === undefined) return entry.nextListAt
  return Math.min(entry.nextListAt, latest.beganAt + pollInterval(s, entry))
}

/** While a sink is on its way it is looked at more often, for its first ten minutes. */
const SETTLING_FOR = 600_000
const JITTER = 0.1

function schedule(s: Surroundings, entry: AccountEntry, polled: Polled): void {
  const { poll } = s.settings
  const now = s.clock.monotonic()
  if (polled.kind === 'discarded') {
    entry.nextListAt = 0
    return
  }
  const interval = polled.kind === 'listed' ? pollInterval(s, entry) : failedInterval(s, entry, polled)
  entry.nextListAt = now + Math.min(interval, poll) * (1 - JITTER * s.random())
}

function pollInterval({ clock, settings }: Surroundings, { unsettled }: AccountEntry): number {
  const now = clock.monotonic()
  const young = [...unsettled.values()].some((since) => now - since < SETTLING_FOR)
  return young ? settings.settlingPoll : settings.poll
}

/** Refused credentials cost one call per interval; an outage less and less, down to the normal rate. */
function failedInterval(
  { settings }: Surroundings,
  entry: AccountEntry,
  { failure }: Extract<Polled, { kind: 'failed' }>,
): number {
  if (failure.kind === 'unauthorized' || failure.kind === 'forbidden') return settings.poll
  return Math.max(settings.settlingPoll * 2 ** (entry.failures - 1), failure.retryAfterMs ?? 0)
}

/** The next LIST, or the next look at a Secret that somebody waits for. */
function untilNext(s: Surroundings, entry: AccountEntry): number {
  const { settlingPoll, poll } = s.settings
  const secret = entry.trouble === undefined ? poll : settlingPoll
  const list = entry.connection === undefined ? poll : dueAt(s, entry) - s.clock.monotonic()
  return Math.max(1, Math.min(list, secret, poll))
}

function wakeChanged(s: Surroundings, entry: AccountEntry, polled: Polled): void {
  if (polled.kind === 'listed') {
    for (const sid of polled.change.sids) for (const key of s.index.keysOf(sid)) s.wake.sink(key)
    for (const object of polled.change.objects) {
      const key = s.index.keyOfObject(object)
      if (key !== undefined) s.wake.sink(key)
    }
  }
  for (const key of entry.waiting) s.wake.sink(key)
}

/** An account stays as long as a Sink refers to it: without it no sink could be deleted. Returns whether it is leaving. */
async function keepFinalizer(
  s: Surroundings,
  name: ObjectKey,
  { metadata }: TwilioAccount,
  sinks: AccountSinks,
): Promise<boolean> {
  const ours = metadata.finalizers.includes(FINALIZER)
  const leaving = metadata.deletionTimestamp !== undefined
  if (sinks.needed && !ours && !leaving) await s.accounts.patch(name, claimPatch(metadata, undefined))
  if (!sinks.needed && ours) await s.accounts.patch(name, releasePatch(metadata))
  return leaving && (!sinks.needed || !ours)
}

async function writeAccountStatus(
  s: Surroundings,
  name: ObjectKey,
  entry: AccountEntry,
  sinks: AccountSinks,
): Promise<void> {
  const held = s.accounts.get(name)
  if (held?.readable !== true) return
  const account = held.object
  const overdue = isOverdue(s, entry)
  const status = accountStatus({
    account,
    entry,
    overdue,
    settings: s.settings,
    recorded: sinks.recorded,
    wall: s.clock.now(),
  })
  if (isDeepStrictEqual(JSON.parse(JSON.stringify(status)), JSON.parse(JSON.stringify(account.status))))
    return
  const value = status
  await s.accounts.patchStatus(name, [
    ...preconditions(account.metadata),
    { op: 'add', path: '/status', value },
  ])
  announceAccount(s, account, status)
}
