import { isDeepStrictEqual } from 'node:util'
import type { ExternalSink } from '../sink/external-sink.ts'
import type { Outcome } from '../sink/outcome.ts'
import { readMark, sameOwner } from '../sink/ownership-mark.ts'
import { lookBefore } from './look-before.ts'
import type { Observed } from './observe-sink.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * A last look at a sink that is about to be recorded: where its mark is all that makes it ours, somebody may have taken
 * that away since the LIST. An import has none to lose.
 */
export async function adoptSink(s: Surroundings, observed: Observed, sink: ExternalSink): Promise<Outcome> {
  const { mark } = readMark(sink.description)
  if (mark === undefined || !sameOwner(mark, observed.observation.owner)) return { kind: 'done' }
  const found = await lookBefore(s, observed, { sid: sink.sid, expected: mark })
  // What was just seen is not to be recorded as something else: no LIST would show it as a change.
  return isDeepStrictEqual(found, sink) ? { kind: 'done' } : { kind: 'stale' }
}
