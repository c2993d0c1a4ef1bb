import { isDeepStrictEqual } from 'node:util'
import type { Condition, ConditionStatus } from '../api/condition.ts'
import { cut } from '../api/status-length.ts'
import type { SinkStatus } from '../api/sink.ts'

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
export function sameStatus(a: SinkStatus, b: SinkStatus): boolean {
  return isDeepStrictEqual(present(a), present(b))
}

const present = (status: SinkStatus): object =>
  Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined))
