import { isDeepStrictEqual } from 'node:util'
import type { ExternalSink } from '../sink/external-sink.ts'
import type { Outcome } from '../sink/outcome.ts'
import { recheck } from './recheck.ts'
import type { Observed } from './observe/observe-sink.ts'
import type { ReconcileContext } from './context.ts'

/**
 * Rechecks a sink that is about to be recorded: its mark may have been removed since the LIST, and an import may have
 * got a mark, or be gone.
 */
export async function adoptSink(
  s: ReconcileContext,
  observed: Observed,
  sink: ExternalSink,
): Promise<Outcome> {
  const found = await recheck(s, observed, { sid: sink.sid })
  // What was just seen is not to be recorded as something else: no LIST would show it as a change.
  return isDeepStrictEqual(found, sink) ? { kind: 'done' } : { kind: 'stale' }
}
