import {
  type Decision,
  type Next,
  type ReadyVerdict,
  type Effect,
  type Table,
  awaitAbsence,
} from './decision.ts'
import { conflictMessage, heldByAccount, heldByKey, refusalMessage, unreachable } from './messages.ts'
import { wantedDescription, type Difference } from './difference.ts'
import type { ExternalSink } from '../external/external-sink.ts'
import { markedDescription } from '../external/ownership-mark.ts'
import type { Observation } from './observation.ts'
import { invalidVerdict, valueProblem } from './twilio-verdict.ts'
import type { LivingState, TwilioState } from './state.ts'

/** A test event or a validation that a person asked for and that is not answered yet; a test goes first. */
function requestedEffect({ requests }: Observation, sid: string): Effect {
  if (requests.test !== undefined) return { kind: 'send-test', sid, requestedAt: requests.test }
  if (requests.validate !== undefined) return { kind: 'validate', sid, testId: requests.validate }
  return { kind: 'none' }
}

/** The second table: what is done with a living object. */
export const LIVING_TABLE: Table<LivingState['name']> = {
  FinalizerLost: ({ attempt }) => ({
    effect: { kind: 'write-finalizer', attempt },
    verdict: { kind: 'none' },
    next: NOW,
  }),
  Suspended: () => ({ effect: NONE, verdict: { kind: 'suspended' }, next: CHANGE }),
  AccountNotReady: ({ message, waiting }) =>
    waiting
      ? say('False', 'AccountNotReady', message, 'DependencyNotReady', ACCOUNT)
      : say('False', 'AccountNotReady', message, 'steady', ACCOUNT),
  AccountMismatch: ({ elsewhere, inDoubt }) =>
    stalled(
      'AccountMismatch',
      (inDoubt
        ? `A create in the account ${elsewhere} has not been answered, and this Sink now refers to another account: `
        : `The sink is in the account ${elsewhere}, and this Sink now refers to another account: `) +
        'let spec.accountRef name the TwilioAccount of that account again.',
      inDoubt ? ACCOUNT : CHANGE,
    ),
  Unreachable: (_, o) => say('Unknown', 'TwilioUnreachable', sentence(unreachable(o)), 'steady', ACCOUNT),
  NotYetObserved: () => ({ effect: NONE, verdict: { kind: 'kept' }, next: ACCOUNT }),
  HeldInDoubt: ({ by }, o) =>
    stalled('ChangesHeld', sentence(by === 'account' ? heldByAccount(o) : heldByKey), ACCOUNT),
  InDoubt: ({ attempt }, o) => ({
    ...say(
      'False',
      'CreateOutcomeUnknown',
      'Twilio has not answered the create. The operator waits until it is sure whether a sink came of it, then adopts or creates it.',
      'CreateOutcomeUnknown',
      ACCOUNT,
    ),
    ...awaitAbsence(o, undefined, attempt.settlesAt),
  }),
  Conflicted: ({ conflict }) => stalled(conflict.reason, sentence(conflictMessage(conflict)), ACCOUNT),
  MarkedElsewhere: ({ sids, installation }, o) =>
    stalled(
      'MarkedElsewhere',
      `Another installation, ${installation}, has made ${sids.join(', ')} for a Sink of this name. Nothing is created until ` +
        `spec.otherInstallations of TwilioAccount ${o.account.name} says {id: ${installation}, treatAs: TakeOver} (that installation is gone) or Separate (it lives on).`,
      ACCOUNT,
    ),
  ToAddFinalizer: () => ({
    effect: { kind: 'write-finalizer', attempt: undefined },
    verdict: { kind: 'none' },
    next: NOW,
  }),
  ToTakeOver: ({ sink, mark }, o) => ({
    effect: { kind: 'rewrite-mark', sink, description: takenOverDescription(o, mark.number) },
    verdict: { kind: 'none' },
    next: NOW,
  }),
  Held: (_, o) => stalled('ChangesHeld', sentence(heldByAccount(o)), ACCOUNT),
  ToConfirmAbsence: ({ sid }, o) => {
    const { absenceConfirmableFrom } = o.snapshot
    const waits = sid === undefined && absenceConfirmableFrom > o.now.monotonic
    return {
      verdict: { kind: 'kept', ...(waits && { until: absenceConfirmableFrom }) },
      ...awaitAbsence(o, sid, absenceConfirmableFrom),
    }
  },
  Ambiguous: ({ sids }) =>
    stalled(
      'Ambiguous',
      `More than one sink could be the one of this object: ${sids.join(', ')}. Delete all but one at Twilio.`,
      ACCOUNT,
    ),
  ToAdopt: ({ sink, difference }, o) => ({
    ...(difference === undefined
      ? { verdict: adopted(o, sink), next: NOW }
      : toBeReplaced(sink, difference, o)),
    effect: { kind: 'record', sink },
  }),
  Invalid: (state, o) => ({
    effect: NONE,
    verdict: invalidVerdict(state, state.sink, o.intervals),
    next: after(o.intervals.settlingPoll),
  }),
  Refused: ({ refusal, sink }, o) => ({
    effect: NONE,
    verdict: {
      ...ready('False', refusal.reason, refusalMessage(refusal, o.desired), 'stalled'),
      ...(sink !== undefined && { sink }),
    },
    next: after(Math.max(0, refusal.retryAt - o.now.monotonic)),
  }),
  ToCreate: (_, o) => ({
    effect: { kind: 'create', number: o.nextAttempt },
    verdict: { kind: 'none' },
    next: NOW,
  }),
  ReplacementRequired: ({ sink, difference }, o) => ({ effect: NONE, ...toBeReplaced(sink, difference, o) }),
  NotSticking: ({ sink }) => {
    const message =
      `Something else keeps changing the description of ${sink.sid} at Twilio; after three corrections within an hour ` +
      'the operator stops. Find out who writes it, or write the same text into spec.description.'
    return {
      effect: NONE,
      verdict: { ...ready('False', 'UpdateNotSticking', message, 'stalled'), sink },
      next: ACCOUNT,
    }
  },
  Drifted: ({ sink, description }, o) => ({
    effect: { kind: 'update-description', sink, description },
    verdict: { kind: 'as-twilio-says', sink },
    next: nextFor(o, sink),
  }),
  Initialized: asTwilioSays,
  Validating: asTwilioSays,
  Failed: asTwilioSays,
  Unrecognised: asTwilioSays,
  Active: asTwilioSays,
}

const NONE = { kind: 'none' } as const
const CHANGE: Next = { kind: 'change' }
const ACCOUNT: Next = { kind: 'account' }
const NOW: Next = { kind: 'now' }
const after = (ms: number): Next => ({ kind: 'after', ms })

function toBeReplaced(
  sink: ExternalSink,
  { members, fromSecret }: Difference,
  { intervals }: Observation,
): Pick<Decision, 'verdict' | 'next'> {
  const message =
    `Twilio cannot change ${members.join(', ')} of the sink ${sink.sid}: put the old value back (if nobody has changed it, ` +
    'Twilio writes it otherwise: then write it as the Twilio Console shows it), or create a Sink under another name ' +
    'and a subscription that uses it, then delete this one. Until then the sink goes on as it was.'
  const verdict: ReadyVerdict = {
    ...ready('False', 'ReplacementRequired', message, 'stalled'),
    replacement: fromSecret ? 'SecretChanged' : 'ConfigurationChanged',
    sink,
  }
  return { verdict, next: fromSecret ? after(intervals.settlingPoll) : CHANGE }
}

/** What is recorded is compared at once: a sink with another description than that of the spec is not ready. */
function adopted(o: Observation, sink: ExternalSink): Decision['verdict'] {
  if (wantedDescription(o, sink) === sink.description.trim()) return { kind: 'as-twilio-says', sink }
  const message = `The sink ${sink.sid} has another description at Twilio; the operator writes that of the spec next.`
  return { ...ready('Unknown', 'NotYetObserved', message, 'steady'), sink }
}

function asTwilioSays({ sink }: TwilioState, o: Observation): Decision {
  return {
    effect: requestedEffect(o, sink.sid),
    verdict: { kind: 'as-twilio-says', sink },
    next: nextFor(o, sink),
  }
}

/** The poll brings every change of an external sink by itself; only what is on its way is looked at more often. */
function nextFor(o: Observation, sink: ExternalSink): Next {
  if (sink.status === 'initialized' || sink.status === 'validating') return { kind: 'settling' }
  return valueProblem(o, sink) === undefined ? CHANGE : after(o.intervals.settlingPoll)
}

/** Keeps its number, unless that would hide the sink behind an attempt whose end is recorded. */
function takenOverDescription({ desired, owner, object }: Observation, kept: number): string {
  const number = Math.max(kept, (object.status.createAttempt ?? 0) + 1)
  return markedDescription(desired.description, { ...owner, number })
}

const ready = (
  status: ReadyVerdict['status'],
  reason: ReadyVerdict['reason'],
  message: string,
  outlook: ReadyVerdict['outlook'],
): ReadyVerdict => ({ kind: 'ready', status, reason, message, outlook })

type Words = Parameters<typeof ready>
function say(...[status, reason, message, outlook, next]: [...Words, Next]): Decision {
  return { effect: NONE, verdict: ready(status, reason, message, outlook), next }
}

const stalled = (reason: ReadyVerdict['reason'], message: string, next: Next): Decision =>
  say('False', reason, message, 'stalled', next)

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
