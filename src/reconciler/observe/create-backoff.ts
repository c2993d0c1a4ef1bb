import { createHash } from 'node:crypto'
import { findCondition } from '../../api/condition.ts'
import { ATTEMPTS_WITHIN, REMEMBERED_ATTEMPTS } from '../../external/create-attempt.ts'
import type { DesiredSink } from '../../sink/desired-sink.ts'
import type { ObservedObject, Refusal } from '../../sink/observation.ts'
import type { AccountState } from '../memory/account-registry.ts'
import type { ReconcileContext } from '../context.ts'

/** How long a refused create waits when nothing changes; milliseconds. */
const SLOWLY = 1_800_000

/** What was sent, as one digest: other values deserve another try. */
export const digestOf = ({
  sinkType,
  configuration,
}: Pick<DesiredSink, 'sinkType' | 'configuration'>): string =>
  createHash('sha256')
    .update(JSON.stringify([sinkType, configuration]))
    .digest('base64url')

/**
 * The same for the journal, which everybody may read who may read the object: values that stand in its spec, and none that
 * a Secret holds.
 */
export const sentDigest = (desired: DesiredSink): string | undefined =>
  desired.fromSecret.length === 0 && desired.problem === undefined ? digestOf(desired) : undefined

export interface RefusalInput {
  readonly object: ObservedObject
  readonly desired: DesiredSink
  readonly entry: AccountState
  /** Times of the last attempts, RFC 3339. */
  readonly times: readonly string[]
}

/** Why no create may be tried now. A person who asks for a reconcile gets one try at once. */
export function refusalOf(s: ReconcileContext, input: RefusalInput): Refusal | undefined {
  if (s.names.memoryOf(input.object).override === true) return undefined
  return tooOften(s, input) ?? remembered(s, input) ?? recorded(s, input)
}

/** Also creates that were never answered count: each may have made a sink that shows later than anybody waits for. */
function tooOften({ clock }: ReconcileContext, input: RefusalInput): Refusal | undefined {
  const now = clock.now()
  // A time in the future was read from a clock that has been corrected since: when that create was is not known.
  const past = input.times.map((time) => Date.parse(time)).filter((time) => time <= now)
  const [first] = past
  if (past.length < REMEMBERED_ATTEMPTS || first === undefined) return undefined
  const wait = first + ATTEMPTS_WITHIN - now
  if (wait <= 0) return undefined
  const retryAt = clock.monotonic() + wait
  return { reason: 'RecreatedTooOften', failure: undefined, said: undefined, attempt: undefined, retryAt }
}

function remembered({ clock, names }: ReconcileContext, input: RefusalInput): Refusal | undefined {
  const { object, desired, entry } = input
  const { refusal: known } = names.memoryOf(object)
  if (known?.generation !== object.generation) return undefined
  const retryAt = known.at + SLOWLY
  const changed = known.sent !== digestOf(desired)
  if (changed || clock.monotonic() >= retryAt || (known.reason === 'QuotaExceeded' && hasRoom(entry)))
    return undefined
  return { reason: known.reason, failure: known.failure, said: undefined, attempt: known.attempt, retryAt }
}

/** A refusal from before this process started: told by the condition. */
function recorded(
  { clock, names, settings }: ReconcileContext,
  { object, entry }: RefusalInput,
): Refusal | undefined {
  if (names.memoryOf(object).refusal !== undefined) return undefined
  const ready = findCondition(object.status.conditions, 'Ready')
  const reason = ready?.reason
  if (ready?.observedGeneration !== object.generation) return undefined
  if (reason !== 'CreateRefused' && reason !== 'QuotaExceeded') return undefined
  const retryAt = settings.leadingSince() + SLOWLY
  if (clock.monotonic() >= retryAt || (reason === 'QuotaExceeded' && hasRoom(entry))) return undefined
  return { reason, failure: undefined, said: ready.message, attempt: undefined, retryAt }
}

const hasRoom = ({ snapshot, limit }: AccountState): boolean =>
  snapshot.lists.length > 0 && snapshot.sinks.size < limit
