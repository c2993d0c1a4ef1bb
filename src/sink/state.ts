import type { Difference } from './difference.ts'
import type { ExternalSink } from '../external/external-sink.ts'
import type { OpenAttempt } from '../external/create-attempt.ts'
import type { Refusal } from './observation.ts'
import type { Mark } from '../external/ownership-mark.ts'
import type { Conflict } from './target.ts'

/** The states of an object that is being deleted, in the order in which they are tried. */
export type DeletingState =
  | { readonly name: 'NotOurs' }
  | { readonly name: 'Orphaned'; readonly cause: 'policy' | 'crd' }
  | { readonly name: 'DeletionSuspended' }
  | { readonly name: 'DeletionWithoutAccount'; readonly reason: WithoutAccount; readonly message: string }
  | { readonly name: 'DeletionUnreachable' }
  | { readonly name: 'DeletionHeld'; readonly by: HeldBy }
  | { readonly name: 'DeletionInDoubt'; readonly attempt: OpenAttempt }
  | { readonly name: 'DeletionAmbiguous'; readonly sids: readonly string[] }
  | { readonly name: 'DeletionConflicted'; readonly conflict: Conflict }
  | {
      readonly name: 'Blocked'
      readonly sink: ExternalSink
      readonly subscriptions: readonly string[] | undefined
    }
  | { readonly name: 'ToDelete'; readonly sink: ExternalSink }
  | { readonly name: 'DeletionToConfirmAbsence'; readonly sid: string | undefined }
  | { readonly name: 'SinkGone' }

/** `key`: only this object waits, since the key in use says nothing of a create that another key has sent. */
export type HeldBy = 'account' | 'key'

export type WithoutAccount = 'AccountMissing' | 'AccountMismatch' | 'CredentialsRefused' | 'InvalidValue'

/** The states of a living object, in the order in which they are tried. */
export type LivingState =
  | { readonly name: 'FinalizerLost'; readonly attempt: OpenAttempt | undefined }
  | { readonly name: 'Suspended' }
  | { readonly name: 'AccountNotReady'; readonly message: string; readonly waiting: boolean }
  | { readonly name: 'AccountMismatch'; readonly elsewhere: string; readonly inDoubt: boolean }
  | { readonly name: 'Unreachable' }
  | { readonly name: 'NotYetObserved' }
  | { readonly name: 'HeldInDoubt'; readonly by: HeldBy }
  | { readonly name: 'InDoubt'; readonly attempt: OpenAttempt }
  | { readonly name: 'Conflicted'; readonly conflict: Conflict }
  | { readonly name: 'MarkedElsewhere'; readonly sids: readonly string[]; readonly installation: string }
  | { readonly name: 'ToAddFinalizer' }
  | { readonly name: 'ToTakeOver'; readonly sink: ExternalSink; readonly mark: Mark }
  | { readonly name: 'Held' }
  | { readonly name: 'ToConfirmAbsence'; readonly sid: string | undefined }
  | { readonly name: 'Ambiguous'; readonly sids: readonly string[] }
  | {
      readonly name: 'ToAdopt'
      readonly sink: ExternalSink
      /** What is reported of it with the record. */
      readonly difference?: Difference
    }
  | {
      readonly name: 'Invalid'
      readonly problem: 'missing' | 'malformed'
      readonly message: string
      /** Made when the value was there; it goes on as it was. */
      readonly sink?: ExternalSink
    }
  | {
      readonly name: 'Refused'
      readonly refusal: Refusal
      /** The recorded one, whose description Twilio does not change. */
      readonly sink?: ExternalSink
    }
  | { readonly name: 'ToCreate' }
  | { readonly name: 'ReplacementRequired'; readonly sink: ExternalSink; readonly difference: Difference }
  | { readonly name: 'NotSticking'; readonly sink: ExternalSink }
  | { readonly name: 'Drifted'; readonly sink: ExternalSink; readonly description: string }
  | TwilioState

/** The status at Twilio decides. */
export type TwilioStateName = 'Initialized' | 'Validating' | 'Failed' | 'Unrecognised' | 'Active'
export type TwilioState = {
  readonly [Name in TwilioStateName]: { readonly name: Name; readonly sink: ExternalSink }
}[TwilioStateName]

export type State = DeletingState | LivingState
export type StateName = State['name']
export type StateOf<Name extends StateName> = Extract<State, { readonly name: Name }>
