import type { Condition, ConditionStatus } from '../api/condition.ts'
import { cut } from '../api/status-length.ts'

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
