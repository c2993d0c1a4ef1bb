import type { PartialSink, Sink } from '../../api/sink.ts'
import type { CreateAttempt } from '../../sink/create-attempt.ts'
import type { DesiredSink } from '../../sink/desired-sink.ts'
import type { Observation } from '../../sink/observation.ts'
import { ownerOf } from '../../sink/ownership-mark.ts'
import type { AccountState } from '../memory/account-registry.ts'
import { factsNow } from './account-facts.ts'
import { readable } from '../memory/account-of-sink.ts'
import { journalOf, observedObject, requestsOf } from './observed-object.ts'
import { isNotSticking } from '../memory/reconcile-memory.ts'
import type { ObjectKey, SinkCrd } from '../ports.ts'
import { refusalOf, sentDigest } from './create-backoff.ts'
import type { Inputs } from './inputs.ts'
import { NOTHING_KNOWN, evaluateAttempt, snapshotFacts } from './snapshot-facts.ts'
import type { ReconcileContext } from '../context.ts'

/** What a reconcile stands on: the value for the tables, and what the effects need besides. */
export interface Observed {
  readonly observation: Observation
  readonly sink: Sink
  readonly entry: AccountState | undefined
  /** A reconcile uses one credential throughout. */
  readonly connection: AccountState['connection']
  /** Times of the last attempts, RFC 3339. */
  readonly times: readonly string[]
  /** Asked only for an object that is being deleted. */
  readonly crd: SinkCrd | undefined
}

/** Waits for nobody: what it returns is all of one moment. */
export function observeSink(s: ReconcileContext, inputs: Inputs): Observed {
  const { key, sink, view, crd, desired } = inputs
  const { entry } = view
  noteAttempt(s, key, sink)
  const account = factsNow(s, view, sink)
  const object = observedObject(key, sink, s.clock.now())
  const owner = ownerOf(s.settings.installationId, key)
  const journal = journalOf(sink)
  const attempts = s.attempts
    .open(key, sink.status.createAttempt ?? 0)
    .map((attempt) => evaluateAttempt(s, key, { attempt, own: entry?.name }))
  const since = confirmableSince(s, key, sink)
  const model = readable(s.accounts.get(account.name))
  const snapshot =
    entry === undefined ? NOTHING_KNOWN : snapshotFacts(s, { object, entry, account: model, since })
  const times = timesOf(s, object, journal)
  const now = { wall: s.clock.now(), monotonic: s.clock.monotonic() }
  const marks = snapshot.own.map(({ mark }) => mark.number)
  const { poll, settlingPoll, settle } = s.settings
  const observation: Observation = {
    now,
    object,
    crdDeleting: crd?.deleting ?? false,
    owner,
    account,
    snapshot,
    attempts,
    answered: madeOfThis(journal, sink, desired) ? journal?.attempt : undefined,
    nextAttempt:
      1 +
      Math.max(0, journal?.attempt ?? 0, object.status.createAttempt ?? 0, s.attempts.highest(key), ...marks),
    desired,
    refusal: entry === undefined ? undefined : refusalOf(s, { object, desired, entry, times }),
    notSticking: isNotSticking(s.memory, key, desired.description, now.monotonic),
    inUseUntil: inUseUntil(s, [object.status.sid, ...snapshot.own.map(({ sink }) => sink.sid)]),
    requests: requestsOf(sink, s.memory.freshReads.get(key)),
    intervals: { poll, settlingPoll, settle },
  }
  return { observation, sink, entry, connection: entry?.connection, times, crd }
}

/** A create that made no sink counts for nothing; and a journal that was stripped is remembered. */
function timesOf(
  { attempts }: ReconcileContext,
  { key, uid }: Observation['object'],
  journal: CreateAttempt | undefined,
): readonly string[] {
  const known = attempts.times(key, uid)
  const own = journal?.uid === uid ? journal : undefined
  if (own === undefined) return known ?? []
  return own.attempt === attempts.highest(key) ? (known ?? own.times) : own.times
}

/**
 * Of this very generation, or of the same values: those the journal of an object that was restored from a backup knows, too.
 */
function madeOfThis(journal: CreateAttempt | undefined, { metadata }: Sink, desired: DesiredSink): boolean {
  if (journal === undefined) return false
  const isSame = journal.uid === metadata.uid && journal.generation === metadata.generation
  return isSame || (journal.sent !== undefined && journal.sent === sentDigest(desired))
}

/** The target may be a sink that is not recorded. */
function inUseUntil({ memory }: ReconcileContext, sids: readonly (string | undefined)[]): number | undefined {
  const times = sids.flatMap((sid) => (sid === undefined ? [] : (memory.inUse.get(sid) ?? [])))
  return times.length === 0 ? undefined : Math.max(...times)
}

/** The annotation of another object's UID was copied: its number counts, but it opens no attempt here. */
export function noteAttempt({ attempts, clock }: ReconcileContext, key: ObjectKey, sink: PartialSink): void {
  const { createAttempt } = sink.status
  if (createAttempt !== undefined) attempts.recorded(key, sink.metadata.uid, createAttempt)
  const journal = journalOf(sink)
  if (journal === undefined || journal.uid !== sink.metadata.uid) return
  if (journal.attempt <= (createAttempt ?? 0)) return
  const { attempt: number, uid, accountSid, key: user, times } = journal
  attempts.recordSeen(key, { number, uid, accountSid, key: user, times, seenAt: clock.monotonic() })
}

function confirmableSince(s: ReconcileContext, key: ObjectKey, sink: Sink): number {
  const { settle, leadingSince } = s.settings
  const journal = journalOf(sink)
  const journalClosed =
    journal !== undefined &&
    journal.uid === sink.metadata.uid &&
    (journal.attempt <= (sink.status.createAttempt ?? 0) || s.attempts.hasEnded(key, journal.attempt))
  return s.names.absenceConfirmableSince(key, { settle, leadingSince: leadingSince(), journalClosed })
}
