import type { DesiredSink } from '../../sink/desired-sink.ts'
import type { FailureFacts } from '../../external/failure.ts'

/**
 * What a process remembers of one object to send fewer requests. Losing it costs a repeated request at most, never a
 * duplicate. Monotonic milliseconds.
 */
export interface ObjectMemory {
  /**
   * What it wants, values from Secrets as digests: a settled Sink is compared at each change without reading its Secret
   * again. The values themselves are read for a create alone, and never kept.
   */
  desired?: { readonly generation: number; readonly sink: DesiredSink } | undefined
  /** The last create was refused. */
  refusal?: RememberedRefusal<'CreateRefused' | 'QuotaExceeded'> | undefined
  /** The last update of the description was refused. */
  updateRefusal?: RememberedRefusal<'UpdateRefused'>
  /** Of the description. */
  corrections?: Corrections | undefined
  /** Since when its sink, to be deleted, has only waited until discovery is trusted. */
  waitsForDiscoverySince?: number
  /** The annotation value that asks for a fresh read, and when it was first seen. */
  asked?: { readonly request: string; readonly at: number }
  /** DELETEs of its sink that Twilio has answered, and from when on another one may be sent. */
  deletions?: { readonly count: number; readonly notBefore: number } | undefined
  /** The annotation value for which a fresh read was made. */
  freshRead?: string
  /** The trouble that was logged last, as condition and reason. */
  loggedTrouble?: string | undefined
  /** The next create or update is tried although the last was refused, because a person asked for a reconcile. */
  override?: boolean
}

export interface RememberedRefusal<Reason> {
  readonly generation: number
  /** What was sent: of a create a digest, of an update the text of the description. */
  readonly sent: string
  readonly reason: Reason
  readonly failure: FailureFacts
  /** Of a create. */
  readonly attempt?: number
  readonly at: number
}

interface Corrections {
  readonly description: string
  readonly times: readonly number[]
}

const HOUR = 3_600_000
const CORRECTIONS = 3

export function recordCorrection(memory: ObjectMemory, description: string, now: number): void {
  const { corrections: before } = memory
  const times = before?.description === description ? before.times : []
  memory.corrections = { description, times: [...times, now].slice(-CORRECTIONS) }
}

/** Three equal corrections within an hour did not last: something else writes it too. */
export function isNotSticking({ corrections }: ObjectMemory, description: string, now: number): boolean {
  const [first, ...others] = corrections?.times ?? []
  if (first === undefined || others.length + 1 < CORRECTIONS || corrections?.description !== description)
    return false
  return now - first < HOUR
}
