import type { DesiredProblem } from './desired-sink.ts'
import { wantedDescription, type Difference } from './difference.ts'
import type { ExternalSink } from '../external/external-sink.ts'
import { refusedAccount } from './kept-ready.ts'
import { unwatched } from './messages.ts'
import type { Observation, PresentAccount } from './observation.ts'
import {
  otherAccount,
  unseenAttempt,
  unsettledAttempt,
  unwitnessedAttempt,
} from '../external/create-attempt.ts'
import { readMark } from '../external/ownership-mark.ts'
import type { LivingState, TwilioStateName, StateOf } from './state.ts'
import { valueProblem } from './twilio-verdict.ts'
import { findTarget, isOwnWork, sidsOf, successors, type Target } from './target.ts'

/** First match wins: the order is the order of the table in docs/states.md, and is under test. */
export function classifyLiving(o: Observation): LivingState {
  const { object, account, attempts } = o
  const reachedTwilio = object.status.sid !== undefined || attempts.length > 0
  if (!object.finalizer && reachedTwilio) return { name: 'FinalizerLost', attempt: attempts.at(-1) }
  if (object.suspend) return { name: 'Suspended' }
  if (account.kind !== 'present') return withoutAccount(o)
  return accountProblem(account) ?? inAccount(o, account)
}

function withoutAccount({ account }: Observation): LivingState {
  if (account.kind === 'missing') {
    const message = `TwilioAccount ${account.name} does not exist: create it, or name another one in spec.accountRef.`
    return { name: 'AccountNotReady', message, waiting: true }
  }
  if (account.kind === 'unwatched')
    return { name: 'AccountNotReady', message: `${unwatched(account.name)}.`, waiting: false }
  if (account.kind === 'unreadable') {
    const message = `TwilioAccount ${account.name} cannot be read (${account.problem}): correct the field there.`
    return { name: 'AccountNotReady', message, waiting: false }
  }
  const message =
    `TwilioAccount ${account.name} does not allow this namespace: ` +
    'its owner can add it to spec.allowedNamespaces, or name another account in spec.accountRef. ' +
    'Labels of the namespace are read again with each poll.'
  return { name: 'AccountNotReady', message, waiting: false }
}

function accountProblem({ name, deleting, credential }: PresentAccount): LivingState | undefined {
  if (deleting) {
    const message = `TwilioAccount ${name} is being deleted: delete this Sink too, or create the account again afterwards.`
    return { name: 'AccountNotReady', message, waiting: false }
  }
  if (credential.state === 'usable') return undefined
  const waiting = credential.state === 'remembered' || credential.reason === 'SecretMissing'
  return { name: 'AccountNotReady', message: refusedAccount(name, credential.message), waiting }
}

function inAccount(o: Observation, account: PresentAccount): LivingState {
  const other = otherAccount(o, account)
  if (other !== undefined)
    return { name: 'AccountMismatch', elsewhere: other.accountSid, inDoubt: other.inDoubt }
  if (o.snapshot.overdue) return { name: 'Unreachable' }
  if (o.snapshot.kind === 'none') return { name: 'NotYetObserved' }
  if (account.held !== undefined && unseenAttempt(o) !== undefined)
    return { name: 'HeldInDoubt', by: 'account' }
  if (unwitnessedAttempt(o) !== undefined) return { name: 'HeldInDoubt', by: 'key' }
  const attempt = unsettledAttempt(o)
  if (attempt !== undefined) return { name: 'InDoubt', attempt }
  return byTarget(o, account, findTarget(o, account))
}

function byTarget(o: Observation, account: PresentAccount, target: Target): LivingState {
  if (target.kind === 'foreign') return { name: 'Conflicted', conflict: target.conflict }
  const elsewhere = markedElsewhere(o)
  if (elsewhere !== undefined) return elsewhere
  const found = target.kind === 'ours' || target.kind === 'to-take-over'
  if (found && !o.object.finalizer) return { name: 'ToAddFinalizer' }
  const takeOver = target.kind === 'to-take-over' ? withOther(o, target) : undefined
  if (takeOver?.name === 'ToTakeOver') return takeOver
  if (account.held !== undefined && target.kind !== 'ours' && successors(o).length === 0)
    return { name: 'Held' }
  if (target.kind === 'unconfirmed') return { name: 'ToConfirmAbsence', sid: target.sid }
  if (target.kind === 'several') return { name: 'Ambiguous', sids: target.sids }
  if (target.kind === 'ours') return withSink(o, target)
  return takeOver ?? uncreatable(o) ?? { name: 'ToCreate' }
}

const withOther = (
  { updateRefusal: refusal }: Observation,
  { sink, mark }: Extract<Target, { kind: 'to-take-over' }>,
): StateOf<'ToTakeOver' | 'Refused'> =>
  refusal === undefined ? { name: 'ToTakeOver', sink, mark } : { name: 'Refused', refusal }

/** Another cluster's sink with our name, whatever it looks like: creating beside it would double every event. */
function markedElsewhere(o: Observation): LivingState | undefined {
  const { recordedGone } = o.snapshot
  const unrecorded = o.object.status.sid === undefined || recordedGone
  if (!unrecorded || successors(o).length > 0) return undefined
  const living = o.snapshot.elsewhere.filter(({ takeOver }) => !takeOver)
  const [installation] = living.map(({ mark }) => mark.installation).sort()
  if (installation === undefined) return undefined
  return { name: 'MarkedElsewhere', sids: sidsOf(living), installation }
}

function uncreatable({ desired, refusal }: Observation): LivingState | undefined {
  if (desired.problem !== undefined) return invalid(desired.problem)
  return refusal === undefined ? undefined : { name: 'Refused', refusal }
}

function withSink(
  o: Observation,
  { sink, difference: found }: Extract<Target, { kind: 'ours' }>,
): LivingState {
  const { desired } = o
  const problem = valueProblem(o, sink)
  const difference = toBeTold(o, found, problem)
  if (o.object.status.sid !== sink.sid) {
    if (desired.problem !== undefined && isLeft(o, sink)) return invalid(desired.problem)
    return { name: 'ToAdopt', sink, ...(difference !== undefined && { difference }) }
  }
  if (difference !== undefined) return { name: 'ReplacementRequired', sink, difference }
  const description = wantedDescription(o, sink)
  if (description !== sink.description.trim()) {
    if (o.updateRefusal !== undefined) return { name: 'Refused', refusal: o.updateRefusal, sink }
    return o.notSticking ? { name: 'NotSticking', sink } : { name: 'Drifted', sink, description }
  }
  if (problem !== undefined) return { ...invalid(problem), sink }
  return { name: BY_TWILIO_STATUS.get(sink.status) ?? 'Unrecognised', sink }
}

/** A malformed value that Twilio does not have is reported as malformed: the old value back is the correction. */
function toBeTold(
  o: Observation,
  difference: Difference | undefined,
  problem: DesiredProblem | undefined,
): Difference | undefined {
  const isValueAlone = difference?.members.every((member) => o.desired.fromSecret.includes(member)) === true
  return isValueAlone && problem?.kind === 'malformed' ? undefined : difference
}

/** An earlier object of the name has left it: without all values nobody knows whether it is what this one describes. */
function isLeft(o: Observation, { description }: ExternalSink): boolean {
  const { mark } = readMark(description)
  return mark !== undefined && !isOwnWork(o, mark)
}

const invalid = ({ kind, message }: DesiredProblem): StateOf<'Invalid'> => ({
  name: 'Invalid',
  problem: kind,
  message,
})

const BY_TWILIO_STATUS: ReadonlyMap<string, TwilioStateName> = new Map([
  ['initialized', 'Initialized'],
  ['validating', 'Validating'],
  ['failed', 'Failed'],
  ['active', 'Active'],
])
