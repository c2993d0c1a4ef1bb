import type { Sink } from '../../api/sink.ts'
import type { Decision, Outcome } from '../../sink/decision.ts'
import type { State } from '../../sink/state.ts'
import { journalOf } from '../observe/observed-object.ts'
import type { Observed } from '../observe/observe-sink.ts'
import type { CachedObject } from '../ports.ts'

/** A sink that a reconcile has made, and what the reconcile stood on. */
export interface CreatedSink {
  readonly observed: Observed
  readonly state: State
  readonly decision: Decision
  readonly outcome: Extract<Outcome, { kind: 'created' }>
}

/** Whether the sink can be recorded in what is there now. */
export function recordability(
  { observed, outcome }: CreatedSink,
  cached: CachedObject<Sink> | undefined,
): 'yes' | 'left-alone' | 'unrecordable' {
  const { object } = observed.observation
  if (cached === undefined) return 'unrecordable'
  // An object that cannot be read is there all the same, and finds the sink by the mark once it is fixed.
  if (!cached.readable) return 'left-alone'
  const sink = cached.object
  // Another object under the same name finds it by the mark.
  if (sink.metadata.uid !== object.uid) return 'left-alone'
  const { sid } = sink.status
  if (sid !== undefined && sid !== object.status.sid && sid !== outcome.sink.sid) return 'unrecordable'
  const journal = journalOf(sink)
  return journal !== undefined && journal.uid === object.uid && journal.attempt > outcome.attempt
    ? 'left-alone'
    : 'yes'
}
