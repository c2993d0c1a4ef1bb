import { createHash } from 'node:crypto'
import { findCondition } from '../../api/condition.ts'
import { ATTEMPTS_WITHIN, REMEMBERED_ATTEMPTS } from '../../external/create-attempt.ts'
import type { DesiredSink } from '../../sink/desired-sink.ts'
import type { Observation, ObservedObject, Refusal } from '../../sink/observation.ts'
import type { AccountState } from '../memory/account-registry.ts'
import type { RememberedRefusal } from '../memory/object-memory.ts'
import type { ReconcileContext } from '../context.ts'

/** How long a refused create or update waits when nothing changes; milliseconds. */
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
export function refusalOf(s: ReconcileContext, input: RefusalInput): Observation['refusal'] {
  const { refusal: known, override } = s.names.memoryOf(input.object)
  if (override === true) return undefined
  const before = known === undefined ? recorded(s, input, OF_CREATE) : undefined
  return tooOften(s, input) ?? before ?? (known && remembered(s, input, known, digestOf(input.desired)))
}

/** Why the description of the spec may not be sent now; as for a create. */
export function updateRefusalOf(s: ReconcileContext, input: RefusalInput): Observation['updateRefusal'] {
  const { updateRefusal: known, override } = s.names.memoryOf(input.object)
  if (override === true) return undefined
  if (known === undefined) return recorded(s, input, OF_UPDATE)
  return remembered(s, input, known, input.desired.description)
}

const OF_CREATE = ['CreateRefused', 'QuotaExceeded'] as const
const OF_UPDATE = ['UpdateRefused'] as const

/** Also creates that were never answered count: each may have made a sink that shows later than anybody waits for. */
function tooOften(
  { clock }: ReconcileContext,
  input: RefusalInput,
): Refusal<'RecreatedTooOften'> | undefined {
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

/** `sent`: what would be sent now. */
function remembered<Reason extends Refusal['reason']>(
  { clock }: ReconcileContext,
  { object, entry }: RefusalInput,
  known: RememberedRefusal<Reason>,
  sent: string,
): Refusal<Reason> | undefined {
  const { reason, failure, attempt } = known
  const retryAt = known.at + SLOWLY
  const changed = known.generation !== object.generation || known.sent !== sent
  if (changed || clock.monotonic() >= retryAt || (reason === 'QuotaExceeded' && hasRoom(entry)))
    return undefined
  return { reason, failure, said: undefined, attempt, retryAt }
}

/** A refusal from before this process started: told by the condition. */
function recorded<Reason extends Refusal['reason']>(
  { clock, settings }: ReconcileContext,
  { object, entry }: RefusalInput,
  reasons: readonly Reason[],
): Refusal<Reason> | undefined {
  const ready = findCondition(object.status.conditions, 'Ready')
  const reason = reasons.find((one) => one === ready?.reason)
  if (ready?.observedGeneration !== object.generation || reason === undefined) return undefined
  const retryAt = settings.leadingSince() + SLOWLY
  if (clock.monotonic() >= retryAt || (reason === 'QuotaExceeded' && hasRoom(entry))) return undefined
  return { reason, failure: undefined, said: ready.message, attempt: undefined, retryAt }
}

const hasRoom = ({ snapshot, limit }: AccountState): boolean =>
  snapshot.lists.length > 0 && snapshot.sinks.size < limit
