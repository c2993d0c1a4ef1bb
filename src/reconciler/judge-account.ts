import { type Evidence, type Hold, isReleased, judgeHold } from '../account/hold.ts'
import { isProvenKey } from '../account/proven-key.ts'
import { showsItself } from '../account/snapshot.ts'
import { readReleaseTime, type ReleaseTime } from '../account/release-time.ts'
import { ALLOW_MASS_CHANGE_ANNOTATION } from '../api/group.ts'
import type { ChangesHeldReason } from '../api/condition.ts'
import type { TwilioAccount } from '../api/twilio-account.ts'
import { readable } from './account-of-sink.ts'
import type { AccountEntry } from './account-entry.ts'
import { attemptId, recordedIn, unseenAttempts, type RecordedObject } from './recorded-sinks.ts'
import { heldBefore, holdBefore } from './held-status.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Judges what the last LIST through the account's key is worth: whether the key is proven, and whether changes are held.
 * Called in the same turn in which a LIST is taken in, so that no pass sees one that has not been judged.
 */
export function judgeAccount(s: Surroundings, entry: AccountEntry): void {
  judge(s, entry)
  // One of the two has the wrong credentials: both hold, at once.
  for (const other of s.directory.all()) {
    if (other.accountSid === entry.accountSid) continue
    const before = other.hold?.reason
    if (before !== 'SeenInAnotherAccount' && !sharesAnything(entry, other)) continue
    judge(s, other)
    if (other.hold?.reason !== before) s.wake.account(other.name)
  }
}

/** After an account has gone, those that it was in conflict with may go on. */
export function wakeHeldByOthers({ directory, wake }: Surroundings): void {
  for (const { name, hold } of directory.all())
    if (hold?.reason === 'SeenInAnotherAccount') wake.account(name)
}

/**
 * Another account may turn out to use the same key: until the Secrets of all have been looked at, a LIST through a key
 * that is not proven decides nothing.
 */
export function awaitsOthers({ accounts, directory }: Surroundings, { name, proven }: AccountEntry): boolean {
  if (proven) return false
  return [...accounts.all()].some((held) => {
    if (!held.readable || held.key === name || held.object.metadata.deletionTimestamp !== undefined)
      return false
    return directory.get(held.key)?.credentialRead !== true
  })
}

/** Why changes are held; what an earlier process said counts until the first LIST has been judged. */
export function heldReason(
  { hold, snapshot }: AccountEntry,
  account: TwilioAccount,
): ChangesHeldReason | undefined {
  return snapshot.lists.length === 0 ? heldBefore(account.status) : hold?.reason
}

export const releaseOf = ({ metadata }: TwilioAccount): ReleaseTime =>
  readReleaseTime(metadata.annotations[ALLOW_MASS_CHANGE_ANNOTATION])

/** The absence of this sink may be believed. */
export const believesMissing = ({ proven, hold, snapshot }: AccountEntry, sid: string): boolean =>
  proven || isReleased(hold, snapshot.key, { kind: 'MissingSink', id: sid })

/** The absence of what this attempt may have made may be believed. */
export const believesUnmade = (
  { proven, hold, snapshot }: AccountEntry,
  attempt: { readonly object: string; readonly number: number; readonly key: string },
): boolean =>
  proven ||
  snapshot.key === attempt.key ||
  isReleased(hold, snapshot.key, { kind: 'OpenAttempt', id: attemptId(attempt.object, attempt.number) })

function judge(s: Surroundings, entry: AccountEntry): void {
  const account = readable(s.accounts.get(entry.name))
  if (account === undefined || entry.snapshot.lists.length === 0) return
  const { provenKey } = account.status
  const time = releaseOf(account)
  const release = { allowedAt: time.kind === 'time' ? time.at : undefined, now: s.clock.now() }
  const before = entry.judged ? entry.hold : holdBefore(account.status)
  const recorded = recordedIn(s, entry)
  const evidence = evidenceOf(s, entry, recorded)
  const judged = (proven: boolean): Hold | undefined => judgeHold(before, { ...evidence, proven }, release)
  const { listedSids, subscriptionAccounts, snapshot } = entry
  entry.proven ||= isProvenKey(snapshot, {
    listedSids,
    provenKey,
    recorded,
    subscriptionAccounts,
    contradicted: judged(false)?.reason !== undefined,
  })
  entry.hold = judged(entry.proven)
  entry.judged = true
}

function evidenceOf(
  s: Surroundings,
  entry: AccountEntry,
  recorded: readonly RecordedObject[],
): Omit<Evidence, 'proven'> {
  const { snapshot } = entry
  return {
    key: snapshot.key,
    living: recorded.filter(({ living }) => living).length,
    missing: recorded
      .filter((one) => isMissing(s, entry, one))
      .map(({ sid, living }) => ({ sid, living, seenByOthers: snapshot.sinks.has(sid) })),
    openAttempts: unseenAttempts(s, entry),
    seenElsewhere: [...seenElsewhere(s, entry)],
  }
}

/** This key does not show it. */
function isMissing(
  s: Surroundings,
  { snapshot }: AccountEntry,
  { sid, madeAt, madeThrough }: RecordedObject,
): boolean {
  if (showsItself(snapshot, sid) || snapshot.absences.get(sid)?.byOwnDelete === true) return false
  // A LIST may lag behind what has just been made through this very key.
  const isNew = madeThrough === snapshot.key && Math.abs(listedAt(s, snapshot) - madeAt) < lagOf(s)
  return !isNew
}

/** A create is answered within two call timeouts of its claim, and shown to every reader a settle time later. */
const lagOf = ({ settings }: Surroundings): number => settings.settle + 2 * settings.callTimeout

/** Wall clock of the beginning of the last LIST. */
const listedAt = ({ clock }: Surroundings, { lists }: AccountEntry['snapshot']): number =>
  clock.now() - (clock.monotonic() - (lists[0]?.beganAt ?? 0))

function* seenElsewhere({ directory }: Surroundings, entry: AccountEntry): Iterable<string> {
  const found = new Set<string>()
  for (const other of directory.all())
    if (other.accountSid !== entry.accountSid) for (const id of shared(entry, other)) found.add(id)
  yield* found
}

const sharesAnything = (a: AccountEntry, b: AccountEntry): boolean => shared(a, b).next().done !== true

/** A SID, of a sink or of a key, belongs to one account. */
function* shared(a: AccountEntry, b: AccountEntry): Generator<string, undefined> {
  if (a.snapshot.key !== '' && a.snapshot.key === b.snapshot.key) yield a.snapshot.key
  const [few, many] = a.snapshot.sinks.size < b.snapshot.sinks.size ? [a, b] : [b, a]
  for (const sid of few.snapshot.sinks.keys()) if (many.snapshot.sinks.has(sid)) yield sid
}
