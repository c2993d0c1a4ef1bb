import type { Conflict } from './target.ts'

/** What stands between the object and the sink, and who can mend it how. */
export function conflictMessage(conflict: Conflict): string {
  switch (conflict.reason) {
    case 'OwnershipConflict':
      return (
        `the sink ${conflict.sid} belongs to ${conflict.holder}; it is not touched. ` +
        'Delete the object that should not have it, or take import out of this one'
      )
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
