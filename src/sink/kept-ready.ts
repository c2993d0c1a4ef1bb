import { type Condition, findCondition, rfc3339, seconds, setCondition } from '../api/condition.ts'
import type { SinkStatus } from '../api/sink.ts'
import { cut } from '../api/status-length.ts'
import type { Observation } from './observation.ts'

/** What Twilio, or a comparison with it, has last said of the sink. It stays so until Twilio says something else. */
const OF_THE_SINK: ReadonlySet<string> = new Set([
  'Active',
  'Initialized',
  'Validating',
  'Failed',
  'UnrecognisedStatus',
  'ReplacementRequired',
  'UpdateNotSticking',
])

/** Reasons whose cause every reconcile sees for itself. */
const SEEN: ReadonlyMap<string, (o: Observation, ready: Condition) => boolean> = new Map([
  ['AccountNotReady', accountIsRefused],
  // The tables have asked for these before they come to keep anything.
  ['AccountMismatch', () => false],
  ['Deleting', () => false],
  ['TwilioUnreachable', ({ snapshot }) => snapshot.kind === 'none'],
  [
    'ChangesHeld',
    ({ account, attempts }) =>
      (account.kind === 'present' && account.held !== undefined) ||
      attempts.some(({ unwitnessed }) => unwitnessed),
  ],
  ['CreateOutcomeUnknown', ({ attempts }) => attempts.length > 0],
  // Twilio is asked anew after a start and every hour: nothing is known better before it answers.
  ['ImportNotFound', importIsUnseen],
  ['SecretMissing', ({ desired }) => desired.problem?.kind === 'missing'],
  ['InvalidValue', ({ desired }) => desired.problem?.kind === 'malformed'],
])

/**
 * Whether the last known Ready still says what is so, as far as this reconcile can tell: only then it is kept. Before
 * the first LIST what was learned from Twilio counts, also what an earlier process has learned: a restart writes
 * nothing.
 */
export function staysTrue(o: Observation, ready: Condition): boolean {
  if (OF_THE_SINK.has(ready.reason)) return o.object.status.sid !== undefined || o.snapshot.kind === 'none'
  if (o.object.suspend) return false
  const stillSo = SEEN.get(ready.reason)
  if (stillSo !== undefined) return stillSo(o, ready)
  // What is left follows from a LIST: had this one shown it again, another row of the table would say so.
  const refusals = [o.refusal, o.updateRefusal]
  return o.snapshot.kind === 'none' || refusals.some((refusal) => refusal?.reason === ready.reason)
}

/** Until Twilio has answered again, the refusal in the status of the TwilioAccount counts. */
function accountIsRefused({ account, snapshot }: Observation, { message }: Condition): boolean {
  if (snapshot.kind !== 'none' || account.kind !== 'present' || account.refusal === undefined) return false
  return message === cut(refusedAccount(account.name, account.refusal), 'message')
}

function importIsUnseen({ object, snapshot }: Observation, { message }: Condition): boolean {
  if (snapshot.kind === 'none') return true
  const { importSid } = object
  return importSid !== undefined && snapshot.imported === undefined && message.includes(importSid)
}

export const refusedAccount = (name: string, why: string): string => `TwilioAccount ${name}: ${why}`

/** What the operator waits for before it can say more, and until when. Constant while it waits: a change is a write. */
export function waitMessage({ object, account, snapshot, intervals }: Observation): string {
  const { sid } = object.status
  const settle = seconds(intervals.settle)
  if (object.suspend)
    return 'spec.suspend is set: the operator looks at nothing and changes nothing at Twilio until it is unset.'
  if (snapshot.kind === 'none')
    return (
      `The operator waits for Twilio to answer the first LIST through TwilioAccount ${account.name}; ` +
      `without an answer for three polls (${seconds(3 * intervals.poll)}) it says TwilioUnreachable.`
    )
  if (snapshot.recorded !== undefined)
    return `Twilio has the sink ${snapshot.recorded.sid}; the operator has not finished what it has to do about it.`
  if (sid !== undefined)
    return `Twilio does not show ${sid}: the operator makes sure that it is gone, which takes up to ${settle}, and then creates it again.`
  if (object.importSid !== undefined && snapshot.imported === undefined)
    return `The operator asks Twilio for ${object.importSid}, and takes it over when it is there.`
  if (snapshot.nothingOfOurs) return 'Twilio has no sink for this Sink yet: the operator creates it.'
  return (
    'Before it creates a sink, the operator makes sure that Twilio has none for this name already: ' +
    `this takes up to ${settle} after an earlier object of the name has left, or after the operator has started.`
  )
}

/** Rounding moves the moment by so much from one reconcile to the next; milliseconds. */
const ROUNDING = 10_000

/**
 * With the last known Ready where it still says what is so; else with what is waited for, and until when where that is
 * known.
 */
export function kept(o: Observation, until?: number): SinkStatus {
  const { status } = o.object
  const before = findCondition(status.conditions, 'Ready')
  if (before !== undefined && staysTrue(o, before)) return status
  const message = until === undefined ? waitMessage(o) : notBefore(o, until, before)
  const when = { generation: o.object.generation, wall: o.now.wall }
  const input = { type: 'Ready', status: 'Unknown', reason: 'NotYetObserved', message } as const
  const ready = setCondition(status.conditions, input, when)
  // A suspended Sink has not looked at this generation: `wasSuspended` goes by that.
  const observedGeneration = o.object.suspend ? before?.observedGeneration : undefined
  const told = observedGeneration === undefined ? ready : { ...ready, observedGeneration }
  const others = status.conditions.filter(({ type }) => !SPOKEN_WITH_READY.has(type))
  return { ...status, conditions: [told, ...others] }
}

function notBefore(o: Observation, until: number, before: Condition | undefined): string {
  const moment = o.now.wall + until - o.now.monotonic
  const told = before?.message.startsWith(NOT_BEFORE) === true ? before.message.slice(NOT_BEFORE.length) : ''
  if (before !== undefined && Math.abs(Date.parse(told.slice(0, RFC3339_LENGTH)) - moment) < ROUNDING)
    return before.message
  return (
    `${NOT_BEFORE}${rfc3339(moment)}: until then Twilio may still show one that an earlier Sink of this ` +
    'name has left, or a create whose answer was lost.'
  )
}

/** They explain Ready, and fall with it. */
const SPOKEN_WITH_READY: ReadonlySet<string> = new Set(['Ready', 'Reconciling', 'Stalled', 'DeletionBlocked'])

const NOT_BEFORE = 'A sink is created not before '
const RFC3339_LENGTH = '2026-11-24T12:00:00Z'.length
