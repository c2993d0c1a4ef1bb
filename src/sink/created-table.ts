import { standing, type Claim } from '../external/claim.ts'
import type { ExternalSink } from '../external/external-sink.ts'
import type { Owner } from '../external/ownership-mark.ts'

/** What is seen around a sink that this process has just created, until it is recorded. */
export interface CreatedObservation {
  /** As Twilio has answered the create. */
  readonly sink: ExternalSink
  readonly attempt: number
  readonly owner: Owner
  /** UID of the object that it was created for, and the SID that was confirmed gone before. */
  readonly uid: string
  readonly goneSid: string | undefined
  /** What is there under the name of the object now. */
  readonly found: FoundObject | 'unreadable' | undefined
  /** The object was to leave its sink, as it was last seen. */
  readonly orphan: boolean
  /** What other objects have of the sink, or want of it. */
  readonly claims: readonly Claim[]
  readonly crdDeleting: boolean
  /** Milliseconds until a CRD that is not being deleted is known to stay. */
  readonly crdKnownIn: number
  /** The account holds changes, or has no usable credential. */
  readonly held: boolean
}

export interface FoundObject {
  readonly uid: string
  readonly sid: string | undefined
  /** Number of the attempt in the journal of this very object. */
  readonly journal: number | undefined
}

/** In the order in which they are tried. */
export type CreatedState = 'ToRecord' | 'LeftToMark' | 'LeftThere' | 'SurplusHeld' | 'Surplus'

export type CreatedEffect = 'record' | 'delete-created' | 'wait' | 'none'

/**
 * The third table: what is done with a sink that this process has just created. It alone holds Twilio's answer, so that it
 * alone may delete what no object can record.
 */
export const CREATED_TABLE: Readonly<Record<CreatedState, CreatedEffect>> = {
  ToRecord: 'record',
  LeftToMark: 'none',
  LeftThere: 'none',
  SurplusHeld: 'wait',
  Surplus: 'delete-created',
}

/** First match wins. */
export function classifyCreated(o: CreatedObservation): CreatedState {
  const { found, sink } = o
  // It is there all the same, and finds the sink by the mark once it is fixed.
  if (found === 'unreadable') return 'LeftToMark'
  // Another object under the same name finds it by the mark.
  if (found !== undefined && found.uid !== o.uid) return 'LeftToMark'
  const isFree = found?.sid === undefined || found.sid === o.goneSid || found.sid === sink.sid
  if (found !== undefined && isFree) return (found.journal ?? 0) > o.attempt ? 'LeftToMark' : 'ToRecord'
  if (o.orphan || o.crdDeleting) return 'LeftThere'
  if (standing(o.claims, sink, { owner: o.owner, sid: undefined }).length > 0) return 'LeftThere'
  return o.held || o.crdKnownIn > 0 ? 'SurplusHeld' : 'Surplus'
}
