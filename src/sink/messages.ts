import type { DesiredSink } from './desired-sink.ts'
import type { FailureFacts } from '../external/failure.ts'
import type { Refusal, Observation } from './observation.ts'
import { ALLOW_MASS_CHANGE_ANNOTATION } from '../api/group.ts'
import type { Conflict } from './target.ts'

/** Code, words and link, and what to do. Counters and times stay out: they would cause writes. */
export function refusalMessage({ reason, failure, said }: Refusal, desired: MayBeSecret): string {
  if (failure === undefined && said !== undefined) return said
  const why = words(failure && shownFailure(failure, desired))
  switch (reason) {
    case 'CreateRefused':
      return `Twilio refuses to create the sink${why} Correct the spec or the Secret; it is tried again at once then, else slowly.`
    case 'QuotaExceeded':
      return `The account has no room for another sink${why} Delete sinks that are not needed, or use another account; it is tried again when there is room.`
    case 'UpdateRefused':
      return (
        `Twilio refuses the new description${why} Correct spec.description; it is tried again at once then, else slowly. ` +
        'The sink goes on with the description that it has.'
      )
    case 'RecreatedTooOften':
      return (
        'Three creates within an hour have left no sink: it was deleted at Twilio, or Twilio did not answer the create. Find out ' +
        'who deletes it, or why Twilio does not answer; the operator creates it again when an hour has passed.'
      )
  }
}

type MayBeSecret = Pick<DesiredSink, 'fromSecret'>

/**
 * Whether Twilio's own words may be shown with this Sink. They may quote a value, or a part of one that nothing can
 * recognise; and who may read the object may not read the Secret.
 */
export const mayQuote = ({ fromSecret }: MayBeSecret): boolean => fromSecret.length === 0

/** The failure as people may see it. */
export function shownFailure(failure: FailureFacts, desired: MayBeSecret): FailureFacts {
  return mayQuote(desired) ? failure : { ...failure, message: failure.message, words: undefined }
}

export function words(failure: FailureFacts | undefined): string {
  if (failure === undefined) return '.'
  const code = failure.code === undefined ? '' : ` ${failure.code}`
  const link = failure.moreInfo === undefined ? '' : ` (${failure.moreInfo})`
  return `:${code} ${withoutFullStop(failure.words ?? failure.message)}${link}.`
}

function withoutFullStop(text: string): string {
  let end = text.length
  while (end > 0 && '. \n'.includes(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}

/** `why`: what the API server says, and who has denied the write. */
export const refusedWrite = (why: string): string =>
  `The API server refuses what the operator has to write into this object (${withoutFullStop(why)}). An administrator can let the ` +
  'operator write it: the admission policy, the webhook or the role is at fault, not this object. It is tried again, less and less often.'

/** A create whose key is no longer in use, and of whose account the present one is not known to be. */
export const heldByKey =
  'Twilio has not answered a create that another key has sent, and the key in use cannot tell whether a sink came of it: ' +
  'put that key back into the Secret of the TwilioAccount, or, if no sink came of it, set the annotation ' +
  `${ALLOW_MASS_CHANGE_ANNOTATION} of the TwilioAccount to the present time`

/** A record through a key that the TwilioAccount has never had. */
const heldByRecord =
  'the sink was recorded through a key that this TwilioAccount has never had, and the key in use neither shows it nor can tell ' +
  'whether it is gone: let this Sink refer to the TwilioAccount that it was made through, or, if the sink is gone, set the annotation ' +
  `${ALLOW_MASS_CHANGE_ANNOTATION} of the TwilioAccount to the present time`

/** Why changes are held for this Sink. */
export const heldByAccount = ({ account }: Pick<Observation, 'account'>): string =>
  account.kind === 'present' && account.heldAlone === true
    ? heldByRecord
    : `TwilioAccount ${account.name} holds changes; its condition ChangesHeld says why and what to do`

/** Whether it exists is not known: nobody should create it again. */
export const unwatched = (name: string): string =>
  `TwilioAccount ${name} is in a namespace that the operator does not watch, so the operator cannot see it: add ` +
  `${name.split('/')[0] ?? ''} to --watch-namespaces of the operator, or name another TwilioAccount in spec.accountRef`

/** Twilio may well have answered, though not with a LIST. */
export const unreachable = ({ account }: Pick<Observation, 'account'>): string =>
  `no LIST at Twilio has succeeded for three polls; the condition Ready of TwilioAccount ${account.name} says why`

/** What stands between the object and the sink, who can fix it and how. */
export function conflictMessage(conflict: Conflict): string {
  switch (conflict.reason) {
    case 'OwnershipConflict':
      return `${ownershipOf(conflict)}. ${wayToIt(conflict)}`
    case 'ImportMismatch':
      return (
        `the sink ${conflict.sid} at Twilio differs in ${conflict.members.join(', ')}: ` +
        'make the spec say what the sink is, or import another one'
      )
    case 'ImportNotFound':
      return `Twilio has no sink ${conflict.sid} in this account: correct spec.import.sid, or take import out to create a sink`
    case 'ImportNotAllowed':
      if (conflict.waits === true)
        return (
          `the import of ${conflict.sid} waits: the operator cannot read a namespace that it is to watch, and a Sink there may have ` +
          'the sink already. The log of the operator and the metric twilio_operator_unread_namespaces name the namespace'
        )
      return (
        `the TwilioAccount does not let Sinks of this namespace import ${conflict.sid}: ` +
        'its owner can set spec.imports to Allowed, or the Sink can live in the namespace of the account'
      )
  }
}

/** For an object that is being deleted, whose way out is another one. */
export const deletionConflict = (conflict: Conflict): string =>
  conflict.reason === 'OwnershipConflict' ? ownershipOf(conflict) : conflictMessage(conflict)

type Ownership = Extract<Conflict, { reason: 'OwnershipConflict' }>

function ownershipOf(conflict: Ownership): string {
  const { sid } = conflict
  if ('holder' in conflict) return `the sink ${sid} belongs to ${conflict.holder}; it is not touched`
  if ('beside' in conflict)
    return `spec.import names the sink ${sid}, but this object has the sink ${conflict.beside} already; neither is touched`
  if ('differs' in conflict)
    return (
      `an earlier Sink of this name has left the sink ${sid} at Twilio, and it differs in ${conflict.differs.join(', ')}; ` +
      'it is not touched, and none is created beside it'
    )
  return (
    `status.sid names the sink ${sid}, and nothing else says that it belongs to this object: the sink carries no mark, and the ` +
    'rest of the status does not fit it; it is not touched'
  )
}

function wayToIt(conflict: Ownership): string {
  if ('holder' in conflict)
    return (
      'To have it here, delete the other object with deletionPolicy Orphan, since Delete would delete the sink; ' +
      'to leave it there, take import out of this one, or delete this one'
    )
  if ('beside' in conflict)
    return `To keep ${conflict.beside}, take import out of this Sink; to have ${conflict.sid}, import it into a Sink of another name`
  if ('differs' in conflict)
    return (
      'To take it up, make the spec say what Twilio shows; to have a new one, delete it at Twilio, or take the mark in ' +
      'square brackets out of its description, or give this Sink another name'
    )
  return 'To have it, set spec.import.sid to it (the account must allow imports); else delete this object and apply it again'
}
