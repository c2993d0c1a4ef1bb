import type { Decision, ReadyVerdict } from '../../../src/sink/decision.ts'
import type { StateName } from '../../../src/sink/state.ts'

/**
 * What design section 4 says of each row, written by hand. `says`: the kind of verdict, or Ready's status and reason
 * (`!` behind it: Stalled; `~`: another reconcile is expected), or `blocked:` and the reason of DeletionBlocked.
 */
export interface Expectation {
  readonly effects: readonly string[]
  readonly says: readonly string[]
  readonly next: readonly Decision['next']['kind'][]
}

const row = (effects: string, says: string, next: string): Expectation => ({
  effects: effects.split(' '),
  says: says.split(' '),
  next: next.split(' ') as Expectation['next'],
})

export const EXPECTED: Readonly<Record<StateName, Expectation>> = {
  NotOurs: row('none', 'none', 'change'),
  Orphaned: row('remove-finalizer:orphaned', 'none', 'change'),
  DeletionSuspended: row('none', 'blocked:Suspended', 'change'),
  DeletionWithoutAccount: row(
    'none',
    'blocked:AccountMissing blocked:AccountMismatch blocked:CredentialsRefused blocked:InvalidValue',
    'account',
  ),
  DeletionUnreachable: row('none', 'blocked:TwilioUnreachable', 'account'),
  DeletionHeld: row('none', 'blocked:ChangesHeld', 'account'),
  DeletionInDoubt: row('none confirm-absence', 'blocked:CreateOutcomeUnknown', 'after account'),
  DeletionAmbiguous: row('none', 'blocked:Ambiguous', 'account'),
  DeletionConflicted: row('none', 'blocked:OwnershipConflict', 'account'),
  Blocked: row('none', 'blocked:SinkInUse', 'settling'),
  ToDelete: row('delete', 'deleting', 'now'),
  DeletionToConfirmAbsence: row('none confirm-absence', 'deleting', 'after account'),
  SinkGone: row('remove-finalizer:sink-gone', 'none', 'change'),
  FinalizerLost: row('write-finalizer:journal write-finalizer', 'none', 'now'),
  Suspended: row('none', 'suspended', 'change'),
  AccountNotReady: row('none', 'False/AccountNotReady False/AccountNotReady~', 'account'),
  AccountMismatch: row('none', 'False/AccountMismatch!', 'change account'),
  Unreachable: row('none', 'Unknown/TwilioUnreachable', 'account'),
  NotYetObserved: row('none', 'kept', 'account'),
  HeldInDoubt: row('none', 'False/ChangesHeld!', 'account'),
  InDoubt: row('none confirm-absence', 'False/CreateOutcomeUnknown~', 'after account'),
  Conflicted: row(
    'none',
    'False/OwnershipConflict! False/ImportMismatch! False/ImportNotFound! False/ImportNotAllowed!',
    'account',
  ),
  MarkedElsewhere: row('none', 'False/MarkedElsewhere!', 'account'),
  ToAddFinalizer: row('write-finalizer', 'none', 'now'),
  ToTakeOver: row('rewrite-mark', 'none', 'now'),
  Held: row('none', 'False/ChangesHeld!', 'account'),
  ToConfirmAbsence: row('none confirm-absence', 'kept', 'after account'),
  Ambiguous: row('none', 'False/Ambiguous!', 'account'),
  ToAdopt: row(
    'record',
    'as-twilio-says Unknown/NotYetObserved False/ReplacementRequired!',
    'now change after',
  ),
  Invalid: row('none', 'False/SecretMissing~ False/InvalidValue!', 'after'),
  Refused: row(
    'none',
    'False/CreateRefused! False/QuotaExceeded! False/RecreatedTooOften! False/UpdateRefused!',
    'after',
  ),
  ToCreate: row('create', 'none', 'now'),
  ReplacementRequired: row('none', 'False/ReplacementRequired!', 'change after'),
  NotSticking: row('none', 'False/UpdateNotSticking!', 'account'),
  Drifted: row('update-description', 'as-twilio-says', 'change settling after'),
  Initialized: row('none send-test validate', 'as-twilio-says', 'settling'),
  Validating: row('none send-test validate', 'as-twilio-says', 'settling'),
  Failed: row('none send-test validate', 'as-twilio-says', 'change'),
  Unrecognised: row('none send-test validate', 'as-twilio-says', 'change'),
  Active: row('none send-test validate', 'as-twilio-says', 'change'),
}

export function effectOf({ effect }: Decision): string {
  if (effect.kind === 'remove-finalizer') return `${effect.kind}:${effect.because}`
  return effect.kind === 'write-finalizer' && effect.attempt !== undefined
    ? `${effect.kind}:journal`
    : effect.kind
}

export function saidBy({ verdict }: Decision): string {
  if (verdict.kind === 'deleting')
    return verdict.blocked === undefined ? 'deleting' : `blocked:${verdict.blocked.reason}`
  if (verdict.kind !== 'ready') return verdict.kind
  return verdict.outlook === 'stalled' || verdict.outlook === 'steady'
    ? readyWords(verdict)
    : `${readyWords(verdict)}~`
}

/** Ready's status and reason, and whether it stalls. */
export const readyWords = ({ status, reason, outlook }: ReadyVerdict): string =>
  `${status}/${reason}${outlook === 'stalled' ? '!' : ''}`
