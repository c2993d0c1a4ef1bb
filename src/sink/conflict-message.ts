import { ALLOW_MASS_CHANGE_ANNOTATION } from '../api/group.ts'
import type { Conflict } from './target.ts'

/** A create whose key is no longer in use, and of whose account the present one is not known to be. */
export const heldByKey =
  'Twilio has not answered a create that another key has sent, and the key in use cannot tell whether a sink came of it: ' +
  'put that key back into the Secret of the TwilioAccount, or, if no sink came of it, set the annotation ' +
  `${ALLOW_MASS_CHANGE_ANNOTATION} of the TwilioAccount to the present time`

/** What stands between the object and the sink, and who can mend it how. */
export function conflictMessage(conflict: Conflict): string {
  switch (conflict.reason) {
    case 'OwnershipConflict':
      return ownershipMessage(conflict)
    case 'ImportMismatch':
      return (
        `the sink ${conflict.sid} at Twilio differs in ${conflict.members.join(', ')}: ` +
        'make the spec say what the sink is, or import another one'
      )
    case 'ImportNotFound':
      return `Twilio has no sink ${conflict.sid} in this account: correct spec.import.sid, or take import out to create a sink`
    case 'ImportNotAllowed':
      return (
        `the TwilioAccount does not let Sinks of this namespace import ${conflict.sid}: ` +
        'its owner can set spec.imports to Allowed, or the Sink can live in the namespace of the account'
      )
  }
}

function ownershipMessage(conflict: Extract<Conflict, { reason: 'OwnershipConflict' }>): string {
  const { sid } = conflict
  if ('holder' in conflict)
    return (
      `the sink ${sid} belongs to ${conflict.holder}; it is not touched. ` +
      'Delete the object that should not have it, or take import out of this one'
    )
  if ('differs' in conflict)
    return (
      `an earlier Sink of this name has left the sink ${sid} at Twilio, and it differs in ${conflict.differs.join(', ')}; ` +
      'it is not touched, and none is created beside it. To take it up, make the spec say what Twilio shows; to have a new ' +
      'one, delete it at Twilio, or take the mark in square brackets out of its description, or give this Sink another name'
    )
  return (
    `status.sid names the sink ${sid}, and nothing else says that it belongs to this object: the sink carries no mark, and the ` +
    'rest of the status does not fit it; it is not touched. To have it, set spec.import.sid to it (the account must ' +
    'allow imports); else delete this object and apply it again'
  )
}
