import type { Sink } from '../api/sink.ts'
import { partialSink } from './memory/account-of-sink.ts'
import type { CacheChange } from './cache-changes.ts'
import { journalOf } from './observed-object.ts'

/**
 * The namespace of another operator that has just begun a create for an object that this one reconciles, too. What was
 * there when the object was first seen says nothing: the operator may have moved. Two that create nothing are not
 * noticed.
 */
export function competingOperator(
  { before, after }: CacheChange<Sink>,
  ownNamespace: string,
): string | undefined {
  // An operator of another version may write what this one cannot read.
  const [old, now] = [partialSink(before), partialSink(after)]
  if (old === undefined || now === undefined) return undefined
  const { uid } = now.metadata
  const journal = journalOf(now)
  if (journal?.uid !== uid || old.metadata.uid !== uid) return undefined
  const { operator, attempt } = journal
  if (operator === undefined || operator === ownNamespace) return undefined
  return attempt > (journalOf(old)?.attempt ?? 0) ? operator : undefined
}
