import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { integer, statusText } from './schema-field.ts'
import { cut } from './status-length.ts'

/** Closed vocabularies: dashboards, alerts and health checks match on them. docs/conditions explains each. */

export const READY_REASONS = [
  'Active',
  'AccountNotReady',
  'AccountMismatch',
  'CreateOutcomeUnknown',
  'OwnershipConflict',
  'ImportMismatch',
  'ImportNotFound',
  'ImportNotAllowed',
  'MarkedElsewhere',
  'Ambiguous',
  'SecretMissing',
  'InvalidValue',
  'CreateRefused',
  'QuotaExceeded',
  'RecreatedTooOften',
  'ChangesHeld',
  'ReplacementRequired',
  'UpdateRefused',
  'UpdateNotSticking',
  'Initialized',
  'Validating',
  'Failed',
  'Deleting',
  'NotYetObserved',
  'TwilioUnreachable',
  'UnrecognisedStatus',
] as const
export type ReadyReason = (typeof READY_REASONS)[number]

export const RECONCILING_REASONS = [
  'DependencyNotReady',
  'CreateOutcomeUnknown',
  'Initialized',
  'Validating',
  'Deleting',
  'ProgressingWithRetry',
] as const
export type ReconcilingReason = (typeof RECONCILING_REASONS)[number]

/** The Ready reasons that time alone will not fix. */
export const STALLED_REASONS = [
  'AccountMismatch',
  'OwnershipConflict',
  'ImportMismatch',
  'ImportNotFound',
  'ImportNotAllowed',
  'MarkedElsewhere',
  'Ambiguous',
  'InvalidValue',
  'CreateRefused',
  'QuotaExceeded',
  'RecreatedTooOften',
  'ChangesHeld',
  'ReplacementRequired',
  'UpdateRefused',
  'UpdateNotSticking',
  'Failed',
] as const satisfies readonly ReadyReason[]
export type StalledReason = (typeof STALLED_REASONS)[number]

export const DELETION_BLOCKED_REASONS = [
  'Suspended',
  'AccountMissing',
  'AccountMismatch',
  'CredentialsRefused',
  'ChangesHeld',
  'CreateOutcomeUnknown',
  'Ambiguous',
  'OwnershipConflict',
  'SinkInUse',
  'TwilioUnreachable',
  'InvalidValue',
  'WriteRefused',
] as const
export type DeletionBlockedReason = (typeof DELETION_BLOCKED_REASONS)[number]

export const REPLACEMENT_REASONS = ['ConfigurationChanged', 'SecretChanged'] as const
export type ReplacementReason = (typeof REPLACEMENT_REASONS)[number]

export const DUPLICATE_REASONS = ['MarkSeenTwice'] as const
export type DuplicateReason = (typeof DUPLICATE_REASONS)[number]

/** Facts about the recorded sink: a verdict that says nothing about it keeps them, and the CRD's lock stays open. */
export const FACTS_OF_THE_SINK: readonly string[] = ['ReplacementRequired', 'DuplicateFound']

export const ACCOUNT_READY_REASONS = [
  'Verified',
  'SecretMissing',
  'SecretInvalid',
  'InvalidValue',
  'Unauthorized',
  'Forbidden',
  'AccountMismatch',
  'TwilioUnreachable',
] as const
export type AccountReadyReason = (typeof ACCOUNT_READY_REASONS)[number]

export const CHANGES_HELD_REASONS = [
  'UnprovenCredential',
  'MassDisappearance',
  'SeenInAnotherAccount',
] as const
export type ChangesHeldReason = (typeof CHANGES_HELD_REASONS)[number]

export const SINKS_UNOWNED_REASONS = ['ObjectGone'] as const
export const ACCOUNT_DELETION_BLOCKED_REASONS = ['AccountInUse'] as const

/** Of both kinds. */
export const REASONS_BY_CONDITION = new Map<string, ReadonlySet<string>>([
  ['Ready', new Set([...READY_REASONS, ...ACCOUNT_READY_REASONS])],
  ['Reconciling', new Set(RECONCILING_REASONS)],
  ['Stalled', new Set([...STALLED_REASONS, ...ACCOUNT_READY_REASONS])],
  ['DeletionBlocked', new Set([...DELETION_BLOCKED_REASONS, ...ACCOUNT_DELETION_BLOCKED_REASONS])],
  ['ReplacementRequired', new Set(REPLACEMENT_REASONS)],
  ['DuplicateFound', new Set(DUPLICATE_REASONS)],
  ['ChangesHeld', new Set(CHANGES_HELD_REASONS)],
  ['SinksUnowned', new Set(SINKS_UNOWNED_REASONS)],
])

export type ConditionStatus = 'True' | 'False' | 'Unknown'

/** A word that Kubernetes does not know counts as Unknown: hand-edited, and the next report overwrites it. */
function conditionStatus(word: string): ConditionStatus {
  return word === 'True' || word === 'False' ? word : 'Unknown'
}

/** `metav1.Condition`. Type and reason are read as any text, since an older version may have written them. */
export const Condition = z
  .object({
    type: statusText('conditionType', 'Type of the condition, such as Ready.'),
    status: statusText('conditionStatus', 'True, False or Unknown.').transform(conditionStatus),
    observedGeneration: integer('Generation of the object that this condition describes.').optional(),
    lastTransitionTime: statusText('lastTransitionTime', 'When the status of the condition last changed.'),
    reason: statusText('reason', 'Reason, one word from the list in docs/conditions.'),
    message: statusText('message', 'What is wrong, who can fix it, and how.'),
  })
  .meta({ description: 'One condition of the object.' })
export type Condition = z.infer<typeof Condition>

/** Most conditions on one object: bounds the cost of the rules that look for one. */
const MAX_CONDITIONS = 16

/** Absent reads as empty. */
export const Conditions = z
  .array(Condition)
  .meta({
    description:
      'Ready is always present after the first reconciliation. The others are present only while they are True.',
    maxItems: MAX_CONDITIONS,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  })
  .optional()
  .transform((conditions) => conditions ?? [])

/** What is to be said under one condition type. */
export interface ConditionInput {
  readonly type: string
  readonly status: ConditionStatus
  readonly reason: string
  readonly message: string
}

export const findCondition = (conditions: readonly Condition[], type: string): Condition | undefined =>
  conditions.find((condition) => condition.type === type)

/** `lastTransitionTime` moves only with the status, as Kubernetes' API conventions demand. */
export function setCondition(
  before: readonly Condition[],
  { type, status, reason, message }: ConditionInput,
  { generation, wall }: { readonly generation: number; readonly wall: number },
): Condition {
  const old = findCondition(before, type)
  const lastTransitionTime = old?.status === status ? old.lastTransitionTime : rfc3339(wall)
  return {
    type,
    status,
    reason,
    message: cut(message, 'message'),
    observedGeneration: generation,
    lastTransitionTime,
  }
}

/** metav1.Time has whole seconds. */
export const rfc3339 = (wall: number): string => `${new Date(wall).toISOString().slice(0, 19)}Z`

/** A duration of the options, as a message says it: it stands still, so that saying it writes nothing. */
export const seconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`

/** Whether a write would change nothing: at rest the operator is quiet. Absent and undefined are the same. */
export function sameStatus<Status extends object>(a: Status, b: Status): boolean {
  return isDeepStrictEqual(present(a), present(b))
}

const present = (status: object): object =>
  Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined))
