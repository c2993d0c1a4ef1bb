import type { Sink } from '../../api/sink.ts'
import type { CreateAttempt } from '../../external/create-attempt.ts'
import type { DesiredSink } from '../../sink/desired-sink.ts'
import type { Observation, ObservedObject, SnapshotFacts } from '../../sink/observation.ts'
import { readable } from '../memory/account-of-sink.ts'
import type { AccountState } from '../memory/account-registry.ts'
import { absenceConfirmableSince, type NameRecord } from '../memory/name-records.ts'
import { isNotSticking } from '../memory/object-memory.ts'
import type { ReconcileContext } from '../context.ts'
import type { SinkCrd } from '../ports.ts'
import { factsOf } from './account-facts.ts'
import { refusalOf, sentDigest, updateRefusalOf } from './create-backoff.ts'
import type { Inputs } from './inputs.ts'
import { journalOf, observedObject, requestsOf } from './observed-object.ts'
import { NOTHING_KNOWN, evaluateAttempt, snapshotFacts } from './snapshot-facts.ts'

/** What a reconcile stands on: the value for the tables, and what the effects need besides. */
export interface Observed {
  readonly observation: Observation
  readonly sink: Sink
  readonly entry: AccountState | undefined
  /** A reconcile uses one credential throughout: the one through which it has seen the account. */
  readonly connection: AccountState['connection']
  /** Times of the last attempts, RFC 3339. */
  readonly times: readonly string[]
  /** Asked only for an object that is being deleted. */
  readonly crd: SinkCrd | undefined
}

/** Has no side effect and waits for nobody: what it returns is all of one moment. */
export function observeSink(s: ReconcileContext, inputs: Inputs): Observed {
  const { key, sink, view, crd, desired } = inputs
  const { entry } = view
  const record = s.names.of(key)
  const { owner } = record
  const account = entry && readable(s.accounts.get(entry.name))
  const now = { wall: s.clock.now(), monotonic: s.clock.monotonic() }
  const object = observedObject(key, sink, now.wall)
  const memory = s.names.memoryOf(object)
  const since = confirmableSince(s, record, sink)
  const snapshot =
    entry === undefined ? NOTHING_KNOWN : snapshotFacts(s, { object, owner, entry, account, since })
  const times = timesOf(record, object, journalOf(sink))
  const { poll, settlingPoll, settle } = s.settings
  const observation: Observation = {
    now,
    object,
    crdDeleting: crd?.deleting ?? false,
    owner,
    account: view.entry === undefined ? view.facts : factsOf(s, account ?? view.account, view.entry, sink),
    snapshot,
    attempts: record.attempts
      .open(sink.status.createAttempt ?? 0)
      .map((attempt) => evaluateAttempt(s, key, { attempt, own: entry?.name })),
    answered: answeredAttempt(sink, desired),
    nextAttempt: 1 + highestAttempt(record, sink, snapshot),
    desired,
    refusal: entry && refusalOf(s, { object, desired, entry, times }),
    updateRefusal: entry && updateRefusalOf(s, { object, desired, entry, times }),
    notSticking: isNotSticking(memory, desired.description, now.monotonic),
    inUseUntil: entry && inUseUntil(entry, [sink.status.sid, ...snapshot.own.map((own) => own.sink.sid)]),
    requests: requestsOf(sink, memory.freshRead),
    intervals: { poll, settlingPoll, settle },
  }
  return { observation, sink, entry, connection: entry?.connection, times, crd }
}

/** A create that made no sink counts for nothing; and a journal that was stripped is remembered. */
function timesOf(
  { attempts }: NameRecord,
  { uid }: ObservedObject,
  journal: CreateAttempt | undefined,
): readonly string[] {
  const known = attempts.times(uid)
  if (journal?.uid !== uid) return known ?? []
  return journal.attempt === attempts.highest() ? (known ?? journal.times) : journal.times
}

/** Also of a journal that was copied from another object: its number counts. */
const highestAttempt = ({ attempts }: NameRecord, sink: Sink, { own }: SnapshotFacts): number =>
  Math.max(
    attempts.highest(),
    journalOf(sink)?.attempt ?? 0,
    sink.status.createAttempt ?? 0,
    ...own.map(({ mark }) => mark.number),
  )

/**
 * Of this very generation, or of the same values: those the journal of an object that was restored from a backup knows, too.
 */
function answeredAttempt(sink: Sink, desired: DesiredSink): number | undefined {
  const journal = journalOf(sink)
  if (journal === undefined) return undefined
  const { uid, generation } = sink.metadata
  const isSame = journal.uid === uid && journal.generation === generation
  const made = isSame || (journal.sent !== undefined && journal.sent === sentDigest(desired))
  return made ? journal.attempt : undefined
}

/** The target may be a sink that is not recorded. */
function inUseUntil({ inUse }: AccountState, sids: readonly (string | undefined)[]): number | undefined {
  const times = sids.flatMap((sid) => (sid === undefined ? [] : (inUse.get(sid) ?? [])))
  return times.length === 0 ? undefined : Math.max(...times)
}

function confirmableSince({ settings }: ReconcileContext, record: NameRecord, sink: Sink): number {
  const journal = journalOf(sink)
  const journalClosed =
    journal?.uid === sink.metadata.uid &&
    (journal.attempt <= (sink.status.createAttempt ?? 0) || record.attempts.hasEnded(journal.attempt))
  const { settle, leadingSince } = settings
  return absenceConfirmableSince(record, { settle, leadingSince: leadingSince(), journalClosed })
}
