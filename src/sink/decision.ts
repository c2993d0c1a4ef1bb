import type {
  DeletionBlockedReason,
  ReadyReason,
  ReconcilingReason,
  ReplacementReason,
} from '../api/condition.ts'
import type { ReconcileResult } from '../controller/controller.ts'
import type { ExternalSink } from '../external/external-sink.ts'
import type { OpenAttempt } from '../external/create-attempt.ts'
import type { FailureFacts } from '../external/failure.ts'
import type { Observation } from './observation.ts'
import type { StateName, StateOf } from './state.ts'

/** What one reconcile does: at most one effect, what the status says then, and when to come again. */
export interface Decision {
  readonly effect: Effect
  readonly verdict: Verdict
  readonly next: Next
}

/** The closed list of effects. Those that change something at Twilio are the last five. */
export type Effect =
  | { readonly kind: 'none' }
  /** With the open attempt, so that the journal that was stripped is there again. */
  | { readonly kind: 'write-finalizer'; readonly attempt: OpenAttempt | undefined }
  | { readonly kind: 'remove-finalizer'; readonly because: 'orphaned' | 'sink-gone' }
  /** Ask for what is missing: a GET of `sid` (if it can help), then a LIST that begins at `from` or later. */
  | { readonly kind: 'confirm-absence'; readonly sid: string | undefined; readonly from: number }
  | { readonly kind: 'record'; readonly sink: ExternalSink }
  | { readonly kind: 'create'; readonly number: number }
  | { readonly kind: 'rewrite-mark'; readonly sink: ExternalSink; readonly description: string }
  | { readonly kind: 'update-description'; readonly sink: ExternalSink; readonly description: string }
  | { readonly kind: 'delete'; readonly sink: ExternalSink }
  | { readonly kind: 'send-test'; readonly sid: string; readonly requestedAt: string }
  | { readonly kind: 'validate'; readonly sid: string; readonly testId: string }

export type EffectKind = Effect['kind']

export type Verdict =
  /** The status is not looked at: the next reconcile follows at once, or the object is leaving. */
  | { readonly kind: 'none' }
  /**
   * The last known Ready stays while it is true; else it is Unknown, NotYetObserved, and says what is waited for. `until`:
   * before this moment, monotonic, nothing can be known, and nothing is made.
   */
  | { readonly kind: 'kept'; readonly until?: number }
  /** As kept, but `status.observedGeneration` moves: the generation has been seen, and is not acted on. */
  | { readonly kind: 'suspended' }
  | ReadyVerdict
  /** Twilio's word decides. */
  | { readonly kind: 'as-twilio-says'; readonly sink: ExternalSink }
  | { readonly kind: 'deleting'; readonly blocked: Blocking | undefined }

export interface ReadyVerdict {
  readonly kind: 'ready'
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: ReadyReason
  readonly message: string
  /** `stalled`: time alone will not help. Otherwise another reconcile is expected, for the reason given. */
  readonly outlook: 'stalled' | 'steady' | ReconcilingReason
  readonly replacement?: ReplacementReason
  /** The external sink, when this verdict is about one. */
  readonly sink?: ExternalSink
}

export interface Blocking {
  readonly reason: DeletionBlockedReason
  readonly message: string
}

/**
 * When the next reconcile is due, besides every change of the object: what a reconcile can return, or its account brings
 * it. `change` waits for no account; with `after`, account events count too.
 */
export type Next =
  | Exclude<ReconcileResult, { readonly kind: 'retry' }>
  /** Whenever the account has been polled or changes its state. */
  | { readonly kind: 'account' }
  /** As `account`, and the account polls faster meanwhile. */
  | { readonly kind: 'settling' }

/** How the one effect of a reconcile ended. */
export type Outcome =
  | { readonly kind: 'none' }
  /** It did what it says; nothing came back that the status needs. */
  | { readonly kind: 'done' }
  | {
      readonly kind: 'created'
      readonly sink: ExternalSink
      readonly attempt: number
      readonly rewritten: readonly string[]
    }
  | { readonly kind: 'updated'; readonly sink: ExternalSink }
  | { readonly kind: 'tested' | 'validated'; readonly result: string }
  /** What was decided on is no longer so: look again at once. `failure`: what Twilio's answer has changed it. */
  | { readonly kind: 'stale'; readonly failure?: FailureFacts }
  /** It may not be done yet; milliseconds. */
  | { readonly kind: 'postponed'; readonly ms: number }
  /** The API server does not let the operator write the finalizer or the journal; `why` in its own words. */
  | { readonly kind: 'refused'; readonly why: string }
  /** `endedAttempt`: the create attempt that certainly made no sink. */
  | { readonly kind: 'failed'; readonly failure: FailureFacts; readonly endedAttempt?: number }

export type Row<Name extends StateName> = (state: StateOf<Name>, o: Observation) => Decision
/** A missing row does not compile. */
export type Table<Names extends StateName = StateName> = { readonly [Name in Names]: Row<Name> }

/**
 * Asks for what is missing to confirm the absence, now if it can already be had, else when it can. `from` is the moment
 * from which a LIST confirms something; a GET of `sid` may come before.
 */
export function awaitAbsence(
  { now }: Observation,
  sid: string | undefined,
  from: number,
): Pick<Decision, 'effect' | 'next'> {
  const wait = from - now.monotonic
  const next = wait > 0 ? ({ kind: 'after', ms: wait } as const) : ({ kind: 'account' } as const)
  if (wait > 0 && sid === undefined) return { effect: { kind: 'none' }, next }
  return { effect: { kind: 'confirm-absence', sid, from }, next }
}
