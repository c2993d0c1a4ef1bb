import type { Observation, PresentAccount } from './observation.ts'
import { otherAccount, unsettledAttempt, unwitnessedAttempt } from '../external/create-attempt.ts'
import { unwatched } from './messages.ts'
import type { DeletingState } from './state.ts'
import { findTarget, type Target } from './target.ts'

/**
 * First match wins. Only the absence of our finalizer and what a person has set in the spec go before the question
 * whether the sink is gone.
 */
export function classifyDeleting(o: Observation): DeletingState {
  const { object, account } = o
  if (!object.finalizer) return { name: 'NotOurs' }
  if (object.deletionPolicy === 'Orphan') return { name: 'Orphaned', cause: 'policy' }
  if (o.crdDeleting) return { name: 'Orphaned', cause: 'crd' }
  if (object.suspend) return { name: 'DeletionSuspended' }
  return account.kind === 'present' ? withAccount(o, account) : withoutAccount(o)
}

function withoutAccount({ account }: Observation): DeletingState {
  if (account.kind === 'unreadable') {
    const message = `TwilioAccount ${account.name} cannot be read (${account.problem}): correct the field there`
    return { name: 'DeletionWithoutAccount', reason: 'InvalidValue', message }
  }
  const what = account.kind === 'missing' ? 'does not exist' : 'does not allow this namespace'
  const message =
    account.kind === 'unwatched' ? unwatched(account.name) : `TwilioAccount ${account.name} ${what}`
  return { name: 'DeletionWithoutAccount', reason: 'AccountMissing', message }
}

function withAccount(o: Observation, account: PresentAccount): DeletingState {
  if (account.credential.state === 'unusable') {
    const { message } = account.credential
    return { name: 'DeletionWithoutAccount', reason: 'CredentialsRefused', message }
  }
  const other = otherAccount(o, account)
  if (other !== undefined) {
    const message = `the sink is in the account ${other.accountSid}, but TwilioAccount ${account.name} is ${account.accountSid}`
    return { name: 'DeletionWithoutAccount', reason: 'AccountMismatch', message }
  }
  if (o.snapshot.overdue) return { name: 'DeletionUnreachable' }
  if (account.held !== undefined) return { name: 'DeletionHeld', by: 'account' }
  if (unwitnessedAttempt(o) !== undefined) return { name: 'DeletionHeld', by: 'key' }
  const attempt = unsettledAttempt(o)
  if (attempt !== undefined) return { name: 'DeletionInDoubt', attempt }
  if (o.snapshot.kind === 'none') return { name: 'DeletionToConfirmAbsence', sid: undefined }
  return byTarget(o, findTarget(o, account))
}

function byTarget(o: Observation, target: Target): DeletingState {
  switch (target.kind) {
    case 'several':
      return { name: 'DeletionAmbiguous', sids: target.sids }
    case 'foreign':
      return { name: 'DeletionConflicted', conflict: target.conflict }
    case 'ours':
    case 'to-take-over':
      return ours(o, target.sink)
    case 'unconfirmed':
      return { name: 'DeletionToConfirmAbsence', sid: target.sid }
    case 'absent':
      return { name: 'SinkGone' }
  }
}

function ours(o: Observation, sink: Extract<Target, { kind: 'ours' }>['sink']): DeletingState {
  const subscriptions = o.snapshot.subscriptions?.get(sink.sid)
  const refused = o.inUseUntil !== undefined && o.now.monotonic < o.inUseUntil
  const used = subscriptions !== undefined && subscriptions.length > 0
  return used || refused ? { name: 'Blocked', sink, subscriptions } : { name: 'ToDelete', sink }
}
