import type { PartialSink, Sink } from '../../api/sink.ts'
import { findCondition } from '../../api/condition.ts'
import { recordedSince, type Claim } from '../../external/claim.ts'
import { partialSink } from './account-of-sink.ts'
import type { CachedObject, ObjectKey } from '../ports.ts'

/** Which objects want, or have, which external sink. Kept up to date by the changes of the cache. */
export interface SinkIndex {
  change(key: ObjectKey, cached: CachedObject<Sink> | undefined): void
  /** What objects want of the sink. */
  claims(sid: string): readonly Claim[]
  /** The objects that have recorded, or want to import, the sink. */
  keysOf(sid: string): Iterable<ObjectKey>
}

export function createSinkIndex(): SinkIndex {
  const bySid = new Map<string, Map<ObjectKey, Claim>>()
  const sidsOf = new Map<ObjectKey, readonly string[]>()

  const withdraw = (key: ObjectKey): void => {
    for (const sid of sidsOf.get(key) ?? []) {
      const claims = bySid.get(sid)
      claims?.delete(key)
      if (claims?.size === 0) bySid.delete(sid)
    }
    sidsOf.delete(key)
  }

  const enter = (key: ObjectKey, sink: PartialSink): void => {
    const claims = claimsOf(key, sink)
    sidsOf.set(key, [...claims.keys()])
    for (const [sid, claim] of claims) {
      const known = bySid.get(sid) ?? new Map<ObjectKey, Claim>()
      bySid.set(sid, known.set(key, claim))
    }
  }

  return {
    change: (key, cached) => {
      withdraw(key)
      const sink = partialSink(cached)
      if (sink !== undefined) enter(key, sink)
    },
    claims: (sid) => [...(bySid.get(sid)?.values() ?? [])],
    keysOf: (sid) => bySid.get(sid)?.keys() ?? [],
  }
}

/**
 * A recorded SID has precedence over a wish; a wish that is not yet fulfilled ends with the object. Where the recorded
 * SID cannot be read, the wish may have been fulfilled, and counts so.
 */
function claimsOf(key: ObjectKey, { metadata, spec, status, unread }: PartialSink): Map<string, Claim> {
  const { uid, creationTimestamp: created, deletionTimestamp } = metadata
  const claims = new Map<string, Claim>()
  const matches = agrees(status.conditions ?? [])
  const wished = spec.import?.sid
  const isLost = unread?.has('status') === true || unread?.has('status.sid') === true
  const recorded = status.sid ?? (isLost ? wished : undefined)
  if (wished !== undefined && deletionTimestamp === undefined && recorded === undefined) {
    claims.set(wished, { key, uid, created, kind: 'wished', matches })
  }
  if (recorded === undefined) return claims
  const dateCreated = recordedSince(status)
  const imports = wished === recorded
  // Nobody can store such a status but with other CRDs.
  const lost = isLost && status.sid === undefined
  claims.set(recorded, { key, uid, created, kind: 'recorded', matches, dateCreated, imports, lost })
  return claims
}

function agrees(conditions: Sink['status']['conditions']): boolean {
  const reason = findCondition(conditions, 'Ready')?.reason
  return reason !== 'ImportMismatch' && reason !== 'ReplacementRequired'
}
