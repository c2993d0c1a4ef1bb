import { type Blocking, type Decision, type Next, type Table, awaitAbsence } from './decision.ts'
import { deletionConflict, heldByAccount, heldByKey, unreachable } from './messages.ts'
import type { DeletingState } from './state.ts'

/** The first of the two tables: what is done with an object that is being deleted. */
export const DELETING_TABLE: Table<DeletingState['name']> = {
  NotOurs: () => ({ effect: NONE, verdict: { kind: 'none' }, next: CHANGE }),
  Orphaned: () => ({
    effect: { kind: 'remove-finalizer', because: 'orphaned' },
    verdict: { kind: 'none' },
    next: CHANGE,
  }),
  DeletionSuspended: () =>
    blocked('Suspended', 'spec.suspend is set: set it to false so that the sink is deleted', CHANGE),
  DeletionWithoutAccount: ({ reason, message }) => blocked(reason, message, ACCOUNT),
  DeletionUnreachable: (_, o) =>
    blocked('TwilioUnreachable', `${unreachable(o)}. The deletion goes on when a LIST succeeds`, ACCOUNT),
  DeletionHeld: ({ by }, o) =>
    blocked('ChangesHeld', by === 'account' ? heldByAccount(o) : heldByKey, ACCOUNT),
  DeletionInDoubt: ({ attempt }, o) => ({
    ...blocked(
      'CreateOutcomeUnknown',
      'Twilio has not answered the last create; the deletion goes on when it is sure whether a sink came of it',
      ACCOUNT,
    ),
    ...awaitAbsence(o, undefined, attempt.settlesAt),
  }),
  DeletionAmbiguous: ({ sids }) =>
    blocked(
      'Ambiguous',
      `more than one sink carries the mark of this object (${sids.join(', ')}): delete all but one at Twilio`,
      ACCOUNT,
    ),
  DeletionConflicted: ({ conflict }) => blocked('OwnershipConflict', deletionConflict(conflict), ACCOUNT),
  Blocked: ({ sink, subscriptions }) =>
    blocked('SinkInUse', `${inUse(sink.sid, subscriptions)}: delete the subscription at Twilio`, {
      kind: 'settling',
    }),
  ToDelete: ({ sink }) => ({
    effect: { kind: 'delete', sink },
    verdict: { kind: 'deleting', blocked: undefined },
    next: { kind: 'now' },
  }),
  DeletionToConfirmAbsence: ({ sid }, o) => ({
    verdict: { kind: 'deleting', blocked: undefined },
    ...awaitAbsence(o, sid, o.snapshot.absenceConfirmableFrom),
  }),
  SinkGone: () => ({
    effect: { kind: 'remove-finalizer', because: 'sink-gone' },
    verdict: { kind: 'none' },
    next: CHANGE,
  }),
}

const NONE = { kind: 'none' } as const
const CHANGE: Next = { kind: 'change' }
const ACCOUNT: Next = { kind: 'account' }

const WAY_OUT = 'To leave the sink at Twilio instead, set spec.deletionPolicy to Orphan.'

/** Every blocked deletion names the way out. */
function blocked(reason: Blocking['reason'], why: string, next: Next): Decision {
  const message = `The deletion waits: ${why.replace(/\.$/u, '')}. ${WAY_OUT}`
  return { effect: NONE, verdict: { kind: 'deleting', blocked: { reason, message } }, next }
}

function inUse(sid: string, subscriptions: readonly string[] | undefined): string {
  if (subscriptions === undefined || subscriptions.length === 0) return `a subscription uses the sink ${sid}`
  return `the sink ${sid} is used by ${[...subscriptions].sort().join(', ')}`
}
