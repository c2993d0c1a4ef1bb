import { type Condition, findCondition } from '../../api/condition.ts'
import type { SinkStatus } from '../../api/sink.ts'
import type { Decision, Outcome } from '../decision.ts'
import type { ExternalSink } from '../../external/external-sink.ts'
import type { Observation } from '../observation.ts'
import { readMark } from '../../external/ownership-mark.ts'
import { isOwnWork } from '../target.ts'

/** What becomes an event of the object. One reason has one meaning; none at rest; at most one per change. */
export interface SinkEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: EventReason
  readonly note: string
}

export const NORMAL_EVENTS = [
  'SinkCreated',
  'SinkAdopted',
  'SinkImported',
  'DescriptionUpdated',
  'StatusChanged',
  'SinkDeleted',
  'SinkOrphaned',
  'Suspended',
  'Resumed',
  'TestEventSent',
  'ValidateAnswered',
] as const

/** The Ready reasons that are worth a Warning when they appear. */
export const READY_WARNINGS = [
  'CreateRefused',
  'CreateOutcomeUnknown',
  'Ambiguous',
  'UpdateRefused',
  'UpdateNotSticking',
  'AccountMismatch',
  'QuotaExceeded',
  'InvalidValue',
  'SecretMissing',
  'ReplacementRequired',
  'ChangesHeld',
  'OwnershipConflict',
  'MarkedElsewhere',
] as const

export const WARNING_EVENTS = [
  ...READY_WARNINGS,
  'DuplicateFound',
  'DuplicateDeleted',
  'DeletionBlocked',
  'ExternallyDeleted',
  'WriteRefused',
  'WriteContested',
] as const

export type EventReason = (typeof NORMAL_EVENTS)[number] | (typeof WARNING_EVENTS)[number]

export function eventsOf(
  o: Observation,
  decision: Decision,
  outcome: Outcome,
  after: SinkStatus,
): SinkEvent[] {
  return [
    ...effectEvents(o, decision, outcome),
    ...statusEvents(o, decision, after),
    ...(outcome.kind === 'refused' ? refusalEvents(o, after) : []),
  ]
}

/** What is being deleted says it by its condition. */
function refusalEvents({ object }: Observation, after: SinkStatus): SinkEvent[] {
  const said = findCondition(after.conditions, 'Reconciling')
  const before = findCondition(object.status.conditions, 'Reconciling')
  return said === undefined || said.message === before?.message ? [] : [warning('WriteRefused', said.message)]
}

function effectEvents(o: Observation, { effect }: Decision, outcome: Outcome): SinkEvent[] {
  const { status, importSid } = o.object
  if (outcome.kind === 'created') {
    const created = normal('SinkCreated', `Created ${outcome.sink.sid} at Twilio.`)
    if (status.sid === undefined) return [created]
    return [
      warning('ExternallyDeleted', `${status.sid} was deleted at Twilio, not by this operator.`),
      created,
    ]
  }
  if (outcome.kind === 'tested') return [normal('TestEventSent', `Twilio answered: ${outcome.result}.`)]
  if (outcome.kind === 'validated') return [normal('ValidateAnswered', `Twilio answered: ${outcome.result}.`)]
  if (outcome.kind === 'updated' && effect.kind === 'update-description') {
    return [normal('DescriptionUpdated', `Updated the description of ${outcome.sink.sid}.`)]
  }
  if (outcome.kind !== 'done') return []
  if (effect.kind === 'record') {
    const { sid } = effect.sink
    return sid === importSid
      ? [normal('SinkImported', `Imported ${sid}.`)]
      : [normal('SinkAdopted', adoptionNote(o, effect.sink))]
  }
  return effect.kind === 'remove-finalizer' ? [deletionEvent(status.sid, effect.because)] : []
}

/** What an earlier object of the name has left is deleted with this one from now on: nobody should have to guess that. */
function adoptionNote(o: Observation, { sid, description }: ExternalSink): string {
  const { mark } = readMark(description)
  const isOwn = mark === undefined || isOwnWork(o, mark)
  return isOwn
    ? `Adopted ${sid} by its mark.`
    : `Adopted ${sid}, which an earlier Sink of this name has left: it belongs to this one now.`
}

/** Emitted by the process that made the sink and could not record it: no reconcile decides it. */
export const duplicateDeleted = (sid: string): SinkEvent =>
  warning('DuplicateDeleted', `Deleted ${sid} again: its object is gone or has another sink.`)

function deletionEvent(sid: string | undefined, because: 'orphaned' | 'sink-gone'): SinkEvent {
  if (because === 'orphaned')
    return normal('SinkOrphaned', `What is at Twilio stays there (${sid ?? 'no SID recorded'}).`)
  return normal(
    'SinkDeleted',
    sid === undefined ? 'This object has no sink at Twilio.' : `${sid} is gone from Twilio.`,
  )
}

function statusEvents(o: Observation, { verdict }: Decision, after: SinkStatus): SinkEvent[] {
  const { status: before, generation } = o.object
  const found: SinkEvent[] = []
  if (before.sid === after.sid && before.sinkStatus !== after.sinkStatus && after.sinkStatus !== undefined) {
    found.push(
      normal(
        'StatusChanged',
        `Twilio's status went from ${before.sinkStatus ?? 'none'} to ${after.sinkStatus}.`,
      ),
    )
  }
  if (verdict.kind === 'suspended' && before.observedGeneration !== generation) {
    found.push(normal('Suspended', 'Nothing is changed at Twilio until spec.suspend is unset.'))
  }
  if (!o.object.suspend && wasSuspended(before) && !wasSuspended(after))
    found.push(normal('Resumed', 'The operator keeps the sink as the spec says again.'))
  return [...found, ...conditionEvents(before.conditions, after.conditions)]
}

/** Suspending moves the observed generation of the object and leaves that of Ready behind; nothing else does. */
function wasSuspended({ conditions, observedGeneration }: SinkStatus): boolean {
  const ready = findCondition(conditions, 'Ready')
  return ready?.observedGeneration !== undefined && ready.observedGeneration < observedGeneration
}

function conditionEvents(before: readonly Condition[], after: readonly Condition[]): SinkEvent[] {
  const found: SinkEvent[] = []
  const ready = findCondition(after, 'Ready')
  const reason = READY_WARNINGS.find((name) => name === ready?.reason)
  if (ready !== undefined && reason !== undefined && findCondition(before, 'Ready')?.reason !== reason) {
    found.push(warning(reason, ready.message))
  }
  for (const type of ['DeletionBlocked', 'DuplicateFound'] as const) {
    const now = findCondition(after, type)
    if (now !== undefined && findCondition(before, type)?.reason !== now.reason)
      found.push(warning(type, now.message))
  }
  return found
}

const normal = (reason: (typeof NORMAL_EVENTS)[number], note: string): SinkEvent => ({
  type: 'Normal',
  reason,
  note,
})
const warning = (reason: (typeof WARNING_EVENTS)[number], note: string): SinkEvent => ({
  type: 'Warning',
  reason,
  note,
})
