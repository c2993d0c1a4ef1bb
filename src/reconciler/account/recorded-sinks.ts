import type { DoubtedAttempt } from '../../account/hold.ts'
import { markedBy, showsItself } from '../../account/snapshot.ts'
import type { PartialSink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { KeyDigest } from '../../external/key-digest.ts'
import { ownerOf } from '../../external/ownership-mark.ts'
import { accountNameOf, mayRefer, partialSink } from '../memory/account-of-sink.ts'
import type { AccountState } from '../memory/account-registry.ts'
import type { ObjectKey } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'
import { heldAttemptId } from '../observe/account-trust.ts'

/** What a Sink of one TwilioAccount has recorded. */
export interface RecordedObject {
  readonly sid: string
  /** The key through which it was recorded; undefined: version 0.1 has recorded it. */
  readonly key: KeyDigest | undefined
  readonly living: boolean
  /** When Twilio made it, as Twilio says; NaN where the status does not say. */
  readonly madeAt: number
}

/**
 * The Sinks that speak for or against a TwilioAccount: those that refer to it and may. Another TwilioAccount with the
 * same `accountSid`, and the Sinks that refer to it, count for that one alone.
 */
function* sinksThatCount(
  { sinks, accounts, settings }: ReconcileContext,
  account: TwilioAccount,
  { name, labelled }: AccountState,
): Iterable<{ readonly key: ObjectKey; readonly sink: PartialSink }> {
  for (const cached of sinks.all()) {
    const sink = partialSink(cached)
    if (sink === undefined || accountNameOf(sink, accounts, settings.defaultAccount) !== name) continue
    if (mayRefer(account, sink.metadata.namespace, labelled)) yield { key: cached.key, sink }
  }
}

export function recordedIn(
  s: ReconcileContext,
  account: TwilioAccount,
  entry: AccountState,
): readonly RecordedObject[] {
  const found = new Map<string, RecordedObject>()
  for (const { sink } of sinksThatCount(s, account, entry)) {
    const { sid, accountSid = entry.accountSid } = sink.status
    if (sid === undefined || accountSid !== entry.accountSid) continue
    // Two objects may have recorded the same sink: the younger stalls, the sink is one.
    if (found.get(sid)?.living !== true) found.set(sid, recordOf(sink, sid))
  }
  return [...found.values()]
}

const recordOf = ({ metadata, status }: PartialSink, sid: string): RecordedObject => ({
  sid,
  key: status.keyDigest,
  living: metadata.deletionTimestamp === undefined,
  madeAt: Date.parse(status.dateCreated ?? ''),
})

/** Creates whose end is not known, whose sink this key does not show, and for which it is no witness. */
export function doubtedAttempts(
  s: ReconcileContext,
  account: TwilioAccount,
  entry: AccountState,
): readonly DoubtedAttempt[] {
  const { accountSid, snapshot, kin, name } = entry
  const found: DoubtedAttempt[] = []
  for (const { key: object, sink } of sinksThatCount(s, account, entry)) {
    for (const attempt of s.attempts.open(object, sink.status.createAttempt ?? 0)) {
      if (attempt.accountSid !== accountSid || kin.has(attempt.key)) continue
      const owner = ownerOf(s.settings.installationId, object)
      const seen = markedBy(snapshot, owner).some(
        (one) => one.mark.number === attempt.number && showsItself(snapshot, one.sink.sid),
      )
      if (seen) continue
      found.push({ id: heldAttemptId(name, object, attempt.number), attested: attempt.through === name })
    }
  }
  return found
}
