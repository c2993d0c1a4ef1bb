import type { AccountReadyReason, ChangesHeldReason } from '../api/condition.ts'
import type { SinkStatus } from '../api/sink.ts'
import type { Claim } from '../external/claim.ts'
import type { DesiredSink } from './desired-sink.ts'
import type { ExternalSink } from '../external/external-sink.ts'
import type { FailureFacts } from '../external/failure.ts'
import type { OpenAttempt } from '../external/create-attempt.ts'
import type { KeyDigest } from '../external/key-digest.ts'
import type { Mark, Owner } from '../external/ownership-mark.ts'
import type { Moment } from '../time/clock.ts'

/** Everything that `classify` and `decide` may look at: a plain value, gathered afresh for each reconcile. */
export interface Observation {
  readonly now: Moment
  readonly object: ObservedObject
  /** Whether the CRD of Sinks itself is being deleted; asked only for an object that is being deleted. */
  readonly crdDeleting: boolean
  /** What this object's marks look like. */
  readonly owner: Owner
  readonly account: AccountFacts
  readonly snapshot: SnapshotFacts
  /** Attempts to create whose end is not known, of the annotation and of memory, number ascending. */
  readonly attempts: readonly OpenAttempt[]
  /**
   * Number of the attempt that was journaled for just this generation of this object, or sent just these values. Where its
   * sink shows something else, Twilio has rewritten it.
   */
  readonly answered?: number | undefined
  /** The number for the next attempt: 1 + the highest known. */
  readonly nextAttempt: number
  readonly desired: DesiredSink
  /** The last create was refused, or too many were needed; undefined once it may be tried again. */
  readonly refusal: Refusal<CreateRefusal> | undefined
  /** Twilio refused this description of an existing sink; undefined once it may be sent again. */
  readonly updateRefusal?: Refusal<'UpdateRefused'> | undefined
  /** Three equal corrections of the description within an hour did not last. */
  readonly notSticking: boolean
  /** When a DELETE that Twilio refused as in use (91007) may be tried again; monotonic ms. */
  readonly inUseUntil: number | undefined
  readonly requests: Requests
  readonly intervals: Intervals
}

/** Milliseconds. */
export interface Intervals {
  readonly poll: number
  readonly settlingPoll: number
  readonly settle: number
}

export interface ObservedObject {
  /** `namespace/name`. */
  readonly key: string
  readonly uid: string
  readonly generation: number
  readonly deleting: boolean
  /** Milliseconds since the deletion was asked for; 0 for a living object. */
  readonly deletingFor: number
  /** Whether our own finalizer is there. */
  readonly finalizer: boolean
  readonly deletionPolicy: 'Delete' | 'Orphan'
  readonly suspend: boolean
  readonly importSid: string | undefined
  readonly claim: Claim
  /** Number of the attempt in the journal of this very object. */
  readonly journal?: number | undefined
  readonly status: SinkStatus
}

export type AccountFacts =
  /** `unwatched`: in a namespace that the operator does not watch, so that nobody knows whether it exists. */
  | { readonly kind: 'missing' | 'unwatched' | 'not-allowed'; readonly name: string }
  /** Its object is there and cannot be read; `problem` names the field. */
  | { readonly kind: 'unreadable'; readonly name: string; readonly problem: string }
  | {
      readonly kind: 'present'
      /** `namespace/name` of the TwilioAccount. */
      readonly name: string
      readonly accountSid: string
      /** The key in use; undefined: none yet. */
      readonly key: KeyDigest | undefined
      readonly deleting: boolean
      readonly credential: CredentialFacts
      /** What the object's own condition says against the credentials, perhaps since before this process started. */
      readonly refusal?: string | undefined
      /** Why the account holds every create and every finalizer. */
      readonly held: ChangesHeldReason | undefined
      /** Only this Sink is held: what it has recorded came through a key that the account has never had. */
      readonly heldAlone?: boolean
      readonly importsAllowed: boolean
      /** A watched namespace cannot be read: a Sink in it may have what is to be imported. */
      readonly importsWait?: boolean
    }

export type PresentAccount = Extract<AccountFacts, { kind: 'present' }>

export type CredentialFacts =
  | { readonly state: 'usable' }
  /** Its Secret is gone, but this process has verified it: good enough to finish a deletion. */
  | { readonly state: 'remembered'; readonly message: string }
  | { readonly state: 'unusable'; readonly reason: AccountReadyReason; readonly message: string }

export interface MarkedSink {
  readonly sink: ExternalSink
  readonly mark: Mark
}

/** What the account's snapshot says about this object. */
export interface SnapshotFacts {
  /** `none`: no complete LIST through the present key since this process leads. */
  readonly kind: 'none' | 'present'
  /** The last complete LIST, or without one the start of leadership, is older than three polls. */
  readonly overdue: boolean
  /** The sink of `status.sid`. */
  readonly recorded: ExternalSink | undefined
  /** Confirmed, as `sinkGone` says. */
  readonly recordedGone: boolean
  /** Sinks with our own mark, whatever their number. */
  readonly own: readonly MarkedSink[]
  /** Confirmed: no sink carries our mark with a number above `recordedEnd`. */
  readonly nothingOfOurs: boolean
  /** From when on a LIST can confirm that. */
  readonly absenceConfirmableFrom: number
  /** The sink of `spec.import.sid`. */
  readonly imported: ExternalSink | undefined
  /** `spec.import.sid` was answered 404 and omitted by a later LIST. */
  readonly importGone: boolean
  /** The imported sink carries a mark of our installation and no object exists here under it. */
  readonly importAbandoned: boolean
  /** Sinks with this object's part of the mark but another installation that is not listed as Separate. */
  readonly elsewhere: readonly (MarkedSink & { readonly takeOver: boolean })[]
  /** By SID, what other objects want of the sinks named above. */
  readonly claims: ReadonlyMap<string, readonly Claim[]>
  /** By SID, the subscriptions that use the sink; undefined when the key may not read them. */
  readonly subscriptions: ReadonlyMap<string, readonly string[]> | undefined
}

type CreateRefusal = 'CreateRefused' | 'QuotaExceeded' | 'RecreatedTooOften'

export interface Refusal<Reason = CreateRefusal | 'UpdateRefused'> {
  readonly reason: Reason
  /** Twilio's own words, where they are still known. */
  readonly failure: FailureFacts | undefined
  /** What the condition says since before this process started; used when Twilio's words are not known. */
  readonly said: string | undefined
  /** Number of the refused create. */
  readonly attempt: number | undefined
  readonly retryAt: number
}

export interface Requests {
  /** Value of the annotation that asks for a reconcile, if not answered yet. */
  readonly reconcile: string | undefined
  /** The fresh read that the request asks for has been made. */
  readonly freshlyRead: boolean
  readonly test: string | undefined
  readonly validate: string | undefined
}
