import type { SinkStatus } from '../../api/sink.ts'
import { eventsOf, type SinkEvent } from './events.ts'
import type { Decision, EffectKind, Next, Outcome } from '../decision.ts'
import type { ExternalSink } from '../../external/external-sink.ts'
import type { FailureFacts } from '../../external/failure.ts'
import { nextStatus } from './next-status.ts'
import type { Observation } from '../observation.ts'
import { shownFailure } from '../messages.ts'
import { type Condition, findCondition, sameStatus } from '../../api/condition.ts'
import type { State, StateName } from '../state.ts'

/** One value per reconcile, from which status, events, metrics and the audit line of the log are made. */
export interface Report {
  readonly key: string
  readonly uid: string
  readonly generation: number
  readonly state: StateName
  readonly effect: EffectKind
  readonly outcome: Outcome['kind']
  /** What is to be written; undefined when the status is already so. */
  readonly status: SinkStatus | undefined
  readonly events: readonly SinkEvent[]
  readonly next: Next
  /** SID of the external sink that the reconcile was about. */
  readonly sid: string | undefined
  readonly failure: FailureFacts | undefined
  /** Why the Sink is not Ready, or why its deletion waits, as its conditions say it; undefined: nothing is wrong. */
  readonly trouble: Trouble | undefined
  readonly life: Life
}

/** How far the object has come, and since when; milliseconds. */
export interface Life {
  /** Since the object was created. */
  readonly age: number
  /** No sink was recorded before, so that the object has never been Ready. */
  readonly isNew: boolean
  readonly becomesReady: boolean
  /** From the request to delete the object to the removal of the finalizer; undefined: it has not been removed now. */
  readonly deletedAfter: number | undefined
}

export interface Trouble {
  /** Type of the condition. */
  readonly condition: string
  readonly reason: string
  readonly message: string
  /** Time alone will not help. */
  readonly stalled: boolean
}

export function makeReport(o: Observation, state: State, decision: Decision, outcome: Outcome): Report {
  const { key, uid, generation, status: before } = o.object
  const after = nextStatus(o, decision, outcome)
  const failure = 'failure' in outcome ? outcome.failure : undefined
  return {
    key,
    uid,
    generation,
    state: state.name,
    effect: decision.effect.kind,
    outcome: outcome.kind,
    status: after !== undefined && isChange(before, after) ? after : undefined,
    events: eventsOf(o, decision, outcome, after ?? before),
    next: nextAfter(decision, outcome),
    sid: after?.sid ?? before.sid,
    failure: failure && failure.givenUp !== true ? shownFailure(failure, o.desired) : undefined,
    trouble: troubleIn((after ?? before).conditions),
    life: lifeOf(o, decision, outcome, after ?? before),
  }
}

function lifeOf(
  { object, now }: Observation,
  { effect }: Decision,
  outcome: Outcome,
  after: SinkStatus,
): Life {
  const isDeleted = effect.kind === 'remove-finalizer' && outcome.kind === 'done'
  return {
    // The clock of the API server may be ahead.
    age: Math.max(0, now.wall - Date.parse(object.claim.created)),
    isNew: object.status.sid === undefined,
    becomesReady: isReady(after) && !isReady(object.status),
    deletedAfter: isDeleted ? object.deletingFor : undefined,
  }
}

const isReady = ({ conditions }: SinkStatus): boolean => findCondition(conditions, 'Ready')?.status === 'True'

/** What says most: a deletion that waits before Ready, and a request that failed where Ready is still True. */
function troubleIn(conditions: readonly Condition[]): Trouble | undefined {
  const ready = findCondition(conditions, 'Ready')
  const told =
    findCondition(conditions, 'DeletionBlocked') ??
    (ready?.status === 'True' ? findCondition(conditions, 'Reconciling') : ready)
  if (told === undefined) return undefined
  const { type: condition, reason, message } = told
  const stalled = condition === 'DeletionBlocked' || findCondition(conditions, 'Stalled') !== undefined
  return { condition, reason, message, stalled }
}

/** A digest that an older operator has not recorded is no reason for a write of its own. */
function isChange(before: SinkStatus, after: SinkStatus): boolean {
  const isLate = before.sid !== undefined && before.sid === after.sid && before.keyDigest === undefined
  return !sameStatus(before, isLate ? { ...after, keyDigest: undefined } : after)
}

function nextAfter({ effect, next }: Decision, outcome: Outcome): Next {
  if (outcome.kind === 'stale') return { kind: 'now' }
  if (outcome.kind === 'postponed') return { kind: 'after', ms: outcome.ms }
  // The answer may have moved the sink, and something else may have been asked for with it.
  if (outcome.kind === 'tested' || outcome.kind === 'validated') return { kind: 'settling' }
  // Twilio has taken another text than was sent: what Ready says is compared at once.
  const wasTaken = outcome.kind !== 'updated' || !('description' in effect) || isKept(effect, outcome.sink)
  return wasTaken ? next : { kind: 'now' }
}

const isKept = ({ description }: { readonly description: string }, sink: ExternalSink): boolean =>
  sink.description.trim() === description
