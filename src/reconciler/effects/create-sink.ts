import { REMEMBERED_ATTEMPTS, type CreateAttempt } from '../../external/create-attempt.ts'
import { rfc3339 } from '../../api/condition.ts'
import type { Configuration } from '../../sink/desired-sink.ts'
import { rewrittenMembers } from '../../sink/difference.ts'
import { mayHaveBeenProcessed, TwilioFailure } from '../../external/failure.ts'
import type { KeyDigest } from '../../external/key-digest.ts'
import type { Outcome } from '../../sink/decision.ts'
import { markedDescription } from '../../external/ownership-mark.ts'
import { holdsChanges, type AccountState } from '../memory/account-registry.ts'
import { addFinalizerPatch } from '../metadata-patch.ts'
import { later, momentOf, type Moment } from '../../time/clock.ts'
import type { Observed } from '../observe/observe-sink.ts'
import type { ObjectKey, PostSink } from '../ports.ts'
import { wantList } from '../observe/look.ts'
import { digestOf, sentDigest } from '../observe/create-backoff.ts'
import { readDesired, rememberDesired } from '../observe/read-desired.ts'
import type { ReconcileContext } from '../context.ts'
import { decideAgain, type Acted, type Decided } from './recheck.ts'

/**
 * The create protocol, in crash order: slot, journal, POST, record (the record follows with the report).
 *
 * Guarantees: nothing is journaled while the API server would not store the record; before the POST the object carries our
 * finalizer and the journal of this attempt; a stale view or a second leader fails at the journal; the POST leaves within
 * one call timeout of the journal or not at all, and is sent once.
 * Assumptions: Twilio shows a committed create to every reader within the settle time.
 */
export async function createSink(s: ReconcileContext, decided: Decided): Promise<Acted> {
  const { connection } = decided.observed
  const stale: Acted = { ...decided, outcome: { kind: 'stale' } }
  if (connection === undefined) return stale
  return connection.api.writes.withCreateSlot(async (post) => {
    // The wait for the slot may have been long.
    const again = await decideAgain(s, decided)
    return again === undefined ? stale : { ...again, outcome: await journalAndSend(s, again, post) }
  })
}

async function journalAndSend(
  s: ReconcileContext,
  { observed, decision: { effect } }: Decided,
  post: PostSink,
): Promise<Outcome> {
  const { entry, connection } = observed
  if (effect.kind !== 'create' || entry === undefined || connection === undefined) return { kind: 'stale' }
  await s.crds.assertComplete()
  const configuration = await configurationFor(s, observed)
  if (configuration === undefined) return { kind: 'stale' }
  // If another process leads by now, no journal of ours must block it.
  if (!s.leadership.mayMutate()) return { kind: 'stale' }
  const { number } = effect
  const journaledAt = momentOf(s.clock)
  await journalAttempt(s, observed, number, { name: entry.name, key: connection.key })
  s.names.memoryOf(observed.observation.object).override = false
  return send(s, { observed, entry, number, key: connection.key, journaledAt, configuration }, post)
}

/** The values from Secrets, read for this one request; undefined when they are not those that were decided on. */
async function configurationFor(
  s: ReconcileContext,
  { observation, sink }: Observed,
): Promise<Configuration | undefined> {
  const read = await readDesired(sink, (namespace, name) => s.cluster.secret(namespace, name, 'sinks'))
  if (digestOf(read.sink) === digestOf(observation.desired)) return read.configuration
  rememberDesired(s, observation.object.key, sink, read.sink)
  return undefined
}

async function journalAttempt(
  s: ReconcileContext,
  { observation, sink, times }: Observed,
  number: number,
  through: { readonly name: ObjectKey; readonly key: KeyDigest },
): Promise<void> {
  const { key } = observation.object
  const { uid } = sink.metadata
  const accountSid = observation.account.kind === 'present' ? observation.account.accountSid : ''
  const attempt: CreateAttempt = {
    uid,
    attempt: number,
    accountSid,
    key: through.key,
    times: [...times, rfc3339(s.clock.now())].slice(-REMEMBERED_ATTEMPTS),
    generation: sink.metadata.generation,
    sent: sentDigest(observation.desired),
    operator: s.settings.operatorNamespace,
  }
  const seenAt = s.clock.monotonic()
  const { attempts } = s.names.of(key)
  // Nothing is created before all earlier ones are confirmed to have left nothing.
  for (const { number: earlier, absent } of observation.attempts) if (absent) attempts.ended(earlier)
  // Remembered before it is written: the answer to the patch may be lost.
  const sent = { number, uid, accountSid, key: through.key, times: attempt.times, seenAt }
  attempts.begin({ ...sent, through: through.name })
  try {
    await s.sinks.patch(key, addFinalizerPatch(sink.metadata, attempt))
    attempts.journaled()
  } catch (error) {
    attempts.notJournaled()
    throw error
  }
}

interface Sending {
  readonly observed: Observed
  readonly entry: AccountState
  readonly number: number
  /** The key that it is sent through. */
  readonly key: KeyDigest
  readonly journaledAt: Moment
  /** Secret as a whole. */
  readonly configuration: Configuration
}

async function send(s: ReconcileContext, sending: Sending, post: PostSink): Promise<Outcome> {
  const { observed, entry, number, key, journaledAt, configuration } = sending
  const { observation } = observed
  const { desired, owner } = observation
  if (holdsChanges(entry)) return notSent(s, observation.object.key, number)
  const description = markedDescription(desired.description, { ...owner, number })
  try {
    const request = { description, sinkType: desired.sinkType, configuration }
    const sink = await post(request, later(journaledAt, s.settings.callTimeout))
    s.registry.recordSeen(entry, key, sink, s.clock.monotonic())
    s.names.memoryOf(observation.object).refusal = undefined
    return { kind: 'created', sink, attempt: number, rewritten: rewrittenMembers(desired, sink) }
  } catch (error) {
    if (!(error instanceof TwilioFailure)) throw error
    return failedCreate(s, sending, error)
  }
}

/** The account has begun to hold changes while the journal was written. */
function notSent(s: ReconcileContext, key: ObjectKey, number: number): Outcome {
  s.names.of(key).attempts.madeNothing(number)
  return { kind: 'stale' }
}

/**
 * An unknown outcome stays open until a LIST decides it; a refusal is remembered; everything else made no sink and may
 * be retried.
 */
function failedCreate(
  s: ReconcileContext,
  { observed, entry, number }: Sending,
  failure: TwilioFailure,
): Outcome {
  const { object, desired } = observed.observation
  const { attempts } = s.names.of(object.key)
  const now = s.clock.monotonic()
  if (mayHaveBeenProcessed(failure.kind)) {
    attempts.unanswered(number, now)
    return { kind: 'stale', failure }
  }
  attempts.madeNothing(number)
  if (failure.kind !== 'refused' && failure.kind !== 'quota')
    return { kind: 'failed', failure, endedAttempt: number }
  if (failure.kind === 'quota') {
    entry.limit = entry.snapshot.sinks.size
    wantList(s, entry, now)
  }
  s.names.memoryOf(object).refusal = {
    generation: object.generation,
    sent: digestOf(desired),
    reason: failure.kind === 'quota' ? 'QuotaExceeded' : 'CreateRefused',
    failure,
    attempt: number,
    at: now,
  }
  return { kind: 'stale', failure }
}
