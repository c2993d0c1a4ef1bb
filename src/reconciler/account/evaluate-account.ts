import { type Evidence, type Hold, isApproved, nextHold } from '../../account/hold.ts'
import { keysOfAccount, seniorityOf } from '../../account/witnesses.ts'
import { showsItself } from '../../account/snapshot.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import { readable } from '../memory/account-of-sink.ts'
import type { AccountState } from '../memory/account-registry.ts'
import { doubtedAttempts, recordedIn, type RecordedObject } from './sinks-of-account.ts'
import { holdBefore } from '../observe/held-status.ts'
import type { ReconcileContext } from '../context.ts'
import { approvalOf, isWitness, keysOfMarks } from '../observe/account-trust.ts'

/**
 * Evaluates again why the changes of a TwilioAccount are held, in the same turn in which a LIST is taken in, so that no
 * reconcile sees one that has not been evaluated.
 */
export function evaluateHold(s: ReconcileContext, entry: AccountState): void {
  const wasElsewhere = entry.hold?.reason === 'SeenInAnotherAccount'
  evaluateOne(s, entry)
  if (!wasElsewhere && entry.hold?.reason === 'SeenInAnotherAccount') logConflict(s, entry)
  // One of the two has the wrong credentials, and that may be the other.
  for (const other of s.registry.all()) {
    if (other.accountSid === entry.accountSid) continue
    const before = other.hold?.reason
    if (before !== 'SeenInAnotherAccount' && !sharesAnything(entry, other)) continue
    evaluateOne(s, other)
    if (other.hold?.reason === before) continue
    if (other.hold?.reason === 'SeenInAnotherAccount') logConflict(s, other)
    s.enqueue.account(other.name)
  }
}

/** The status does not name the other one: who reads it may have no right to know its namespace. */
function logConflict({ registry, observer }: ReconcileContext, entry: AccountState): void {
  const others = [...registry.all()].filter(
    (other) => other.accountSid !== entry.accountSid && sharesAnything(entry, other),
  )
  const fields = { account: entry.name, others: others.map(({ name }) => name) }
  observer.log('warn', fields, 'Two TwilioAccounts with different account SIDs show the same sinks')
}

/** After an account has gone, those that it was in conflict with may go on. */
export function enqueueHeldByOthers({ registry, enqueue }: ReconcileContext): void {
  for (const { name, hold } of registry.all())
    if (hold?.reason === 'SeenInAnotherAccount') enqueue.account(name)
}

/** Whether what the key has shown ties it to the account that the TwilioAccount names. */
export const isTied = ({ witnesses }: ReconcileContext, { kin, accountSid }: AccountState): boolean =>
  witnesses.haveShown(kin, accountSid)

function evaluateOne(s: ReconcileContext, entry: AccountState): void {
  const account = readable(s.accounts.get(entry.name))
  if (account === undefined || entry.snapshot.lists.length === 0) return
  const time = approvalOf(account)
  const approval = { allowedAt: time.kind === 'time' ? time.at : undefined, now: s.clock.now() }
  const before = entry.evaluated ? entry.hold : holdBefore(account.status)
  const recorded = recordedIn(s, account, entry)
  const keys = account.status.keys.map(({ digest }) => digest)
  entry.firstListAt ??= s.clock.now()
  entry.kin = s.witnesses.kinOf(entry.snapshot.key, { sinks: recorded, keys })
  entry.keys = keysOfAccount(account.status.keys, {
    present: entry.snapshot.key,
    kin: entry.kin,
    recordedThrough: recorded.map(({ key }) => key),
    now: entry.firstListAt,
  })
  const seenElsewhere = [...new Set([...elsewhereOf(s, entry), ...notYetCompared(s, entry, before)])]
  const evidence = evidenceOf(s, account, entry, recorded)
  entry.hold = nextHold(before, { ...evidence, seenElsewhere }, approval)
  entry.strays = straysOf(entry, evidence)
  entry.evaluated = true
}

function evidenceOf(
  s: ReconcileContext,
  account: TwilioAccount,
  entry: AccountState,
  recorded: readonly RecordedObject[],
): Omit<Evidence, 'seenElsewhere'> {
  const own = new Set([...account.status.keys.map(({ digest }) => digest), ...keysOfMarks(entry)])
  const isRight = isTied(s, entry) || recorded.some(({ sid }) => showsItself(entry.snapshot, sid))
  return {
    key: entry.snapshot.key,
    living: recorded.filter(({ living }) => living).length,
    missing: missingOf(s, entry, recorded).map((one) => ({
      sid: one.sid,
      living: one.living,
      witnessed: isWitness(s, entry, one),
      stray: isRight && one.key !== undefined && !own.has(one.key),
    })),
    openAttempts: doubtedAttempts(s, account, entry),
  }
}

function straysOf({ hold }: AccountState, { key, missing }: Omit<Evidence, 'seenElsewhere'>): Set<string> {
  const strays = missing.filter(({ stray, witnessed }) => stray && !witnessed).map(({ sid }) => sid)
  return new Set(strays.filter((id) => !isApproved(hold, key, { kind: 'MissingSink', id })))
}

/**
 * What this key does not show. A LIST may lag behind what has just been made through a key of this account: that does not
 * count, until the LIST began so late that one of these is certainly gone. Then all count, before any is made again.
 */
function missingOf(
  s: ReconcileContext,
  entry: AccountState,
  recorded: readonly RecordedObject[],
): readonly RecordedObject[] {
  const { snapshot } = entry
  const missing = recorded.filter(
    ({ sid }) => !showsItself(snapshot, sid) && snapshot.absences.get(sid)?.byOwnDelete !== true,
  )
  const isNew = (one: RecordedObject): boolean =>
    Math.abs(listedAt(s, snapshot) - one.madeAt) < lagOf(s) && isWitness(s, entry, one)
  const isCertain = missing.some((one) => isNew(one) && !mayLag(s, snapshot, one.sid))
  return isCertain ? missing : missing.filter((one) => !isNew(one))
}

/** The LIST began within the settle time after the sink was last seen (`sinkGone`). */
function mayLag(
  { lastSeen, settings }: ReconcileContext,
  { lists }: AccountState['snapshot'],
  sid: string,
): boolean {
  const seenAt = lastSeen.ofSink(sid) ?? settings.leadingSince()
  return (lists[0]?.beganAt ?? 0) <= seenAt + settings.settle
}

/** A create is answered within two call timeouts of its journal, and shown to every reader a settle time later. */
const lagOf = ({ settings }: ReconcileContext): number => settings.settle + 2 * settings.callTimeout

/** Wall clock of the beginning of the last LIST. */
const listedAt = ({ clock }: ReconcileContext, { lists }: AccountState['snapshot']): number =>
  clock.now() - (clock.monotonic() - (lists[0]?.beganAt ?? 0))

/** SIDs that TwilioAccounts of other account SIDs show too, where this one is taken for the mistaken one. */
function* elsewhereOf(s: ReconcileContext, entry: AccountState): Iterable<string> {
  for (const other of s.registry.all()) {
    if (other.accountSid !== entry.accountSid && isMistaken(s, entry, other)) yield* shared(entry, other)
  }
}

/**
 * An auth token or a subscription that ties the key to one of the two accounts decides. Else the older one is right: or
 * a new one could stop it.
 */
function isMistaken(s: ReconcileContext, own: AccountState, other: AccountState): boolean {
  const [ours, theirs] = [isTied(s, own), isTied(s, other)]
  if (ours !== theirs) return theirs
  const [since, before] = [seniorityOf(own.keys, own.kin), seniorityOf(other.keys, other.kin)]
  return since === before ? own.name > other.name : since > before
}

/** After a start, what was held stays so until the other accounts have been listed, and for three polls at most. */
function notYetCompared(
  s: ReconcileContext,
  { name }: AccountState,
  before: Hold | undefined,
): readonly string[] {
  const { poll, leadingSince } = s.settings
  if (s.clock.monotonic() - leadingSince() > POLLS_OF_PATIENCE * poll) return []
  const waits = [...s.accounts.all()].some(
    ({ key }) => key !== name && (s.registry.get(key)?.snapshot.lists.length ?? 0) === 0,
  )
  const held = before?.items.filter(({ kind }) => kind === 'SeenElsewhere') ?? []
  return waits ? held.map(({ id }) => id) : []
}

const POLLS_OF_PATIENCE = 3

const sharesAnything = (a: AccountState, b: AccountState): boolean => shared(a, b).next().done !== true

/** The SID of a sink belongs to one account. */
function* shared({ snapshot: a }: AccountState, { snapshot: b }: AccountState): Generator<string, undefined> {
  const [few, many] = a.sinks.size < b.sinks.size ? [a, b] : [b, a]
  for (const sid of few.sinks.keys()) if (showsItself(few, sid) && showsItself(many, sid)) yield sid
}
