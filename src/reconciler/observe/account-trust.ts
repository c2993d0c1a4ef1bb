import { isApproved, readApprovalTime, type ApprovalTime } from '../../account/hold.ts'
import { ALLOW_MASS_CHANGE_ANNOTATION } from '../../api/group.ts'
import { type ChangesHeldReason, type Condition, findCondition } from '../../api/condition.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { KeyDigest } from '../../external/key-digest.ts'
import type { AccountState } from '../memory/account-registry.ts'
import { heldBefore } from './held-status.ts'
import type { ObjectKey } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'
import { objectPart } from '../../external/ownership-mark.ts'

/**
 * The one place that says what the key of a TwilioAccount may tell about a sink, and whether its changes are held.
 */

/** Why changes are held; what an earlier process said counts until the first LIST has been evaluated. */
export function heldReason(
  { hold, snapshot }: AccountState,
  account: TwilioAccount,
): ChangesHeldReason | undefined {
  return snapshot.lists.length === 0 ? heldBefore(account.status) : hold?.reason
}

export const approvalOf = ({ metadata }: TwilioAccount): ApprovalTime =>
  readApprovalTime(metadata.annotations[ALLOW_MASS_CHANGE_ANNOTATION])

/** Whether the account's key, or one of the same account, has made or shown the sink: then it can tell that it is gone. */
export const isWitness = (
  { witnesses }: ReconcileContext,
  { kin }: AccountState,
  { sid, key }: { readonly sid: string; readonly key: KeyDigest | undefined },
): boolean => (key !== undefined && kin.has(key)) || witnesses.haveShown(kin, sid)

/** The absence of this recorded sink is trusted. */
export const absenceTrusted = (
  s: ReconcileContext,
  entry: AccountState,
  recorded: { readonly sid: string; readonly key: KeyDigest | undefined },
): boolean =>
  isWitness(s, entry, recorded) ||
  isApproved(entry.hold, entry.snapshot.key, { kind: 'MissingSink', id: recorded.sid })

/** The absence of what this attempt may have made is trusted. */
export const attemptAbsenceTrusted = (
  { kin, hold, snapshot, name }: AccountState,
  attempt: { readonly object: ObjectKey; readonly number: number; readonly key: KeyDigest },
): boolean =>
  kin.has(attempt.key) ||
  isApproved(hold, snapshot.key, {
    kind: 'OpenAttempt',
    id: heldAttemptId(name, attempt.object, attempt.number),
  })

/** The keys through which a mark that was seen says something about the Sinks of this TwilioAccount. */
export const keysOfMarks = ({ kin, usedKeys }: AccountState): ReadonlySet<KeyDigest> =>
  new Set([...kin, ...usedKeys])

/**
 * How a hold names an attempt. The owner of the account may not know the objects of other namespaces: theirs are named
 * by the mark that the sink would carry.
 */
export const heldAttemptId = (account: ObjectKey, object: ObjectKey, number: number): string =>
  namespaceOf(account) === namespaceOf(object) ? `${object}#${number}` : `${objectPart(object)}/${number}`

const namespaceOf = (key: ObjectKey): string => key.slice(0, key.indexOf('/'))

/**
 * What was reported of the credentials before, unless it is known to be over: a restart, which knows nothing, keeps it.
 */
export function standingReady(
  { status }: TwilioAccount,
  { connection, replaced }: AccountState,
): Condition | undefined {
  const ready = findCondition(status.conditions, 'Ready')
  const ofSecret = ready?.reason === 'SecretMissing' || ready?.reason === 'SecretInvalid'
  return replaced || (ofSecret && connection !== undefined) ? undefined : ready
}
