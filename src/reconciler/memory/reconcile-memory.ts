import type { PartialSink } from '../../api/sink.ts'
import type { FailureFacts } from '../../external/failure.ts'
import type { ObjectKey } from '../ports.ts'

/**
 * What a process remembers to send fewer requests and log lines. Losing it at a restart costs a repeated request at
 * most, never a duplicate. Monotonic milliseconds.
 */
export interface ReconcileMemory {
  readonly refusals: Map<ObjectKey, RememberedRefusal>
  /** By name, the corrections of the description. */
  readonly corrections: Map<ObjectKey, Corrections>
  /** By SID, until when a DELETE refused as in use is not repeated. */
  readonly inUse: Map<string, number>
  /** By name, since when the sink of a deleted object has only waited until discovery is trusted. */
  readonly waitingForDiscovery: Map<ObjectKey, { readonly uid: string; readonly since: number }>
  /** By name, the annotation value for which a fresh read was made. */
  readonly freshReads: Map<ObjectKey, string>
  /** Names whose next create is tried although the last one was refused, because a person asked for a reconcile. */
  readonly overrides: Set<ObjectKey>
  /** By name, the object of a running reconcile, as it was last seen: it may change, and go, during the reconcile. */
  readonly underWay: Map<ObjectKey, PartialSink>
  /** By kind and name, what was logged of an object that cannot be read, as `uid/problem`. */
  readonly unreadable: Map<string, string>
}

export interface RememberedRefusal {
  readonly uid: string
  readonly generation: number
  /** Digest of what was sent. */
  readonly sent: string
  readonly reason: 'CreateRefused' | 'QuotaExceeded'
  readonly failure: FailureFacts
  readonly attempt: number
  readonly at: number
}

export interface Corrections {
  readonly description: string
  readonly times: readonly number[]
}

export const createReconcileMemory = (): ReconcileMemory => ({
  refusals: new Map(),
  corrections: new Map(),
  inUse: new Map(),
  waitingForDiscovery: new Map(),
  freshReads: new Map(),
  overrides: new Set(),
  underWay: new Map(),
  unreadable: new Map(),
})

const HOUR = 3_600_000
const CORRECTIONS = 3

export function remembersCorrection(
  memory: ReconcileMemory,
  key: ObjectKey,
  description: string,
  now: number,
): void {
  const before = memory.corrections.get(key)
  const times = before?.description === description ? before.times : []
  memory.corrections.set(key, { description, times: [...times, now].slice(-CORRECTIONS) })
}

/** Three equal corrections within an hour did not last: something else writes it too. */
export function isNotSticking(
  memory: ReconcileMemory,
  key: ObjectKey,
  description: string,
  now: number,
): boolean {
  const known = memory.corrections.get(key)
  const [first, ...others] = known?.times ?? []
  if (first === undefined || others.length + 1 < CORRECTIONS || known?.description !== description)
    return false
  return now - first < HOUR
}

/** Until `until` a DELETE is not repeated. What is over is forgotten: sinks go, and their SIDs never come back. */
export function remembersUse({ inUse }: ReconcileMemory, sid: string, until: number, now: number): void {
  for (const [other, end] of inUse) if (end <= now) inUse.delete(other)
  inUse.set(sid, until)
}

export function forgetName(memory: ReconcileMemory, key: ObjectKey): void {
  memory.refusals.delete(key)
  memory.corrections.delete(key)
  memory.waitingForDiscovery.delete(key)
  memory.freshReads.delete(key)
  memory.overrides.delete(key)
}
