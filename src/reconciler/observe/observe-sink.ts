import { FINALIZER } from '../../api/group.ts'
import type { PartialSink, Sink } from '../../api/sink.ts'
import { openAttemptOf, type CreateAttempt } from '../../sink/create-attempt.ts'
import { desiredSink, type DesiredSink } from '../../sink/desired-sink.ts'
import type { ExternalSink } from '../../sink/external-sink.ts'
import { TwilioFailure } from '../../sink/failure.ts'
import type { Observation, Requests } from '../../sink/observation.ts'
import { ownerOf } from '../../sink/ownership-mark.ts'
import type { AccountState } from '../memory/account-registry.ts'
import { factsNow, viewAccount } from './account-facts.ts'
import { readable } from '../memory/account-of-sink.ts'
import { NO_SECRETS, readDesired } from '../memory/desired-cache.ts'
import { journalOf, observedObject, requestsOf } from './observed-object.ts'
import { isNotSticking } from '../memory/reconcile-memory.ts'
import type { ObjectKey, SinkLook } from '../ports.ts'
import { refusalOf, sentDigest } from './create-backoff.ts'
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
}

export async function observeSink(s: ReconcileContext, key: ObjectKey, sink: Sink): Promise<Observed> {
  noteAttempt(s, key, sink)
  const view = await viewAccount(s, sink)
  const { entry } = view
  const connection = entry?.connection
  // From here on changes of the account enqueue the Sink: the next steps may wait while they happen.
  entry?.subscribers.add(key)
  const crdDeleting = await isCrdDeleting(s, sink)
  const desired = await readDesiredSink(s, key, sink)
  const requests = await freshRead(s, key, sink, entry)
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
    crdDeleting,
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
    requests,
    intervals: { poll, settlingPoll, settle },
  }
  return { observation, sink, entry, connection, times }
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
  const journal = openAttemptOf(sink)
  if (journal === undefined) return
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

/** A settled Sink is compared by what is remembered; a Secret is read for one that may be created or has changed. */
async function readDesiredSink(s: ReconcileContext, key: ObjectKey, sink: Sink): Promise<DesiredSink> {
  if (sink.metadata.deletionTimestamp !== undefined || sink.spec.suspend === true) {
    return desiredSink(sink.spec, NO_SECRETS).sink
  }
  const known = sink.status.sid === undefined ? undefined : s.desired.get(sink, key)
  if (known !== undefined && known.problem === undefined) return known
  const { sink: desired } = await readDesired(sink, (namespace, name) =>
    s.cluster.secret(namespace, name, 'sinks'),
  )
  s.desired.set(sink, key, desired)
  return desired
}

/** A person asked for a reconcile: Twilio is asked anew before anything is decided. */
async function freshRead(
  s: ReconcileContext,
  key: ObjectKey,
  sink: Sink,
  entry: AccountState | undefined,
): Promise<Requests> {
  const requests = requestsOf(sink, s.memory.freshReads.get(key))
  const { reconcile, freshlyRead } = requests
  const api = entry?.connection?.api
  if (reconcile === undefined || freshlyRead || api === undefined || sink.spec.suspend === true)
    return requests
  const { sid } = sink.status
  if (sid !== undefined && !(await tryLook(s, entry, sid))) return requests
  s.desired.forget(key)
  s.memory.overrides.add(key)
  s.memory.freshReads.set(key, reconcile)
  return requestsOf(sink, reconcile)
}

/** The request waits while Twilio does not answer; the reconcile goes on without. */
export async function tryLook(
  s: ReconcileContext,
  entry: AccountState | undefined,
  sid: string,
): Promise<boolean> {
  try {
    return await lookAt(s, entry, { sid, connection: entry?.connection })
  } catch (error) {
    if (!(error instanceof TwilioFailure)) throw error
    return false
  }
}

export interface Look {
  readonly sid: string
  readonly connection: AccountState['connection']
  /** Where a slot is held already; else one is waited for. */
  readonly through?: SinkLook
}

/**
 * GETs the sink and applies what was answered. False when the account has got another key meanwhile: its answers and
 * those of the old one do not mix. Rejects with a `TwilioFailure` when the answer says nothing.
 */
export async function lookAt(
  s: ReconcileContext,
  entry: AccountState | undefined,
  { sid, connection, through = connection?.api }: Look,
): Promise<boolean> {
  if (entry === undefined || connection === undefined || through === undefined) return false
  const answer = await fetched(through, sid)
  if (entry.connection !== connection) return false
  const at = s.clock.monotonic()
  if (answer === 'not-found')
    s.registry.recordAbsent(entry, connection.key, sid, { answeredAt: at, byOwnDelete: false })
  else s.registry.recordSeen(entry, connection.key, answer, at)
  return true
}

async function fetched(through: SinkLook, sid: string): Promise<ExternalSink | 'not-found'> {
  try {
    return await through.fetchSink(sid)
  } catch (error) {
    if (!(error instanceof TwilioFailure) || error.kind !== 'not-found') throw error
    return 'not-found'
  }
}

/** Asked only for an object that is being deleted. */
async function isCrdDeleting({ cluster }: ReconcileContext, { metadata }: Sink): Promise<boolean> {
  if (metadata.deletionTimestamp === undefined || !metadata.finalizers.includes(FINALIZER)) return false
  return (await cluster.sinkCrd()).deleting
}
