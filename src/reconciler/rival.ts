import type { Sink } from '../api/sink.ts'
import type { Change } from './follow-objects.ts'
import { journalOf } from './observed-object.ts'

/**
 * The namespace of another operator that has just begun a create for an object that this one looks after, too. What was
 * there at first sight says nothing: the operator may have moved. Two that create nothing are not noticed.
 */
export function rivalIn({ before, after }: Change<Sink>, ownNamespace: string): string | undefined {
  if (before?.readable !== true || after?.readable !== true) return undefined
  const { uid } = after.object.metadata
  const journal = journalOf(after.object)
  if (journal?.uid !== uid || before.object.metadata.uid !== uid) return undefined
  const { operator, attempt } = journal
  if (operator === undefined || operator === ownNamespace) return undefined
  return attempt > (journalOf(before.object)?.attempt ?? 0) ? operator : undefined
}
