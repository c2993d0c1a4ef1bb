import {
  type Condition,
  type ConditionInput,
  FACTS_OF_THE_SINK,
  findCondition,
  setCondition,
} from '../../api/condition.ts'
import type { SinkStatus } from '../../api/sink.ts'
import { cut } from '../../api/status-length.ts'
import type { Decision, ReadyVerdict, Verdict, Outcome } from '../decision.ts'
import type { ExternalSink } from '../../external/external-sink.ts'
import { kept } from '../kept-ready.ts'
import type { Observation } from '../observation.ts'
import { readMark, sameOwner } from '../../external/ownership-mark.ts'
import { refusedWrite, shownFailure, words } from '../messages.ts'
import { notComparable } from '../difference.ts'
import { shownStatus, shownType, shownVerdict } from '../twilio-verdict.ts'
import { endedAttempt, withAnswers, withAttempt } from './status-answers.ts'

/** A deletion that takes no longer than this writes nothing but the removal of the finalizer; milliseconds. */
const QUICK_DELETION = 30_000

/** The status after a reconcile, from (object, verdict, outcome) alone. Undefined: it is not to be written. */
export function nextStatus(o: Observation, decision: Decision, outcome: Outcome): SinkStatus | undefined {
  if (outcome.kind === 'stale' || outcome.kind === 'postponed') return undefined
  if (outcome.kind === 'failed') return afterFailure(o, decision, outcome)
  if (outcome.kind === 'refused') return afterRefusal(o, outcome.why)
  const verdict = effectiveVerdict(decision.verdict, outcome)
  const status = statusOf(o, { ...decision, verdict }, sidAfter(o, decision, outcome))
  return status === undefined
    ? undefined
    : withAnswers(o, decision.effect, outcome, withAttempt(o, outcome, status))
}

/** The answer to a write is fresher than what was decided on. */
function effectiveVerdict(verdict: Verdict, outcome: Outcome): Verdict {
  if (outcome.kind === 'created' || outcome.kind === 'updated')
    return { kind: 'as-twilio-says', sink: outcome.sink }
  return verdict
}

/**
 * The one way in for a SID: a record, which is decided again once its sink has been read, or Twilio's answer to the create,
 * which has shown the sink. A verdict never changes a SID.
 */
function sidAfter({ object }: Observation, { effect }: Decision, outcome: Outcome): string | undefined {
  if (outcome.kind === 'created') return outcome.sink.sid
  return effect.kind === 'record' && outcome.kind === 'done' ? effect.sink.sid : object.status.sid
}

function statusOf(
  o: Observation,
  { verdict, next }: Decision,
  sid: string | undefined,
): SinkStatus | undefined {
  const { status, generation } = o.object
  switch (verdict.kind) {
    case 'none':
      return undefined
    case 'kept':
      return kept(o, verdict.until)
    case 'suspended':
      return { ...kept(o), observedGeneration: generation }
    case 'deleting':
      return deletionIsSilent(o, verdict.blocked !== undefined, next) ? status : deleting(o, verdict.blocked)
    case 'as-twilio-says':
      return readyStatus(o, shownVerdict(o, verdict.sink), sid)
    case 'ready':
      return readyStatus(o, verdict, sid)
  }
}

function deletionIsSilent(o: Observation, blocked: boolean, next: Decision['next']): boolean {
  const wasBlocked = findCondition(o.object.status.conditions, 'DeletionBlocked') !== undefined
  return !blocked && !wasBlocked && next.kind !== 'after' && o.object.deletingFor < QUICK_DELETION
}

function deleting(o: Observation, blocked: Extract<Verdict, { kind: 'deleting' }>['blocked']): SinkStatus {
  const message =
    blocked?.message ?? 'The sink is being deleted at Twilio; the object goes when it is proven gone.'
  const inputs: ConditionInput[] = [{ type: 'Ready', status: 'False', reason: 'Deleting', message }]
  if (blocked === undefined) inputs.push({ type: 'Reconciling', status: 'True', reason: 'Deleting', message })
  else inputs.push({ type: 'DeletionBlocked', status: 'True', ...blocked })
  return withConditions(o, withUse(o), inputs, knownFacts(o))
}

/** What uses the sink may be what the deletion waits for: the column beside the message must not say otherwise. */
function withUse({ object, snapshot }: Observation): SinkStatus {
  const { status } = object
  if (snapshot.recorded === undefined || snapshot.subscriptions === undefined) return status
  return { ...status, subscriptions: [...(snapshot.subscriptions.get(snapshot.recorded.sid) ?? [])].sort() }
}

function readyStatus(o: Observation, verdict: ReadyVerdict, sid: string | undefined): SinkStatus {
  const { status, reason, message, outlook, replacement, sink } = verdict
  const inputs: ConditionInput[] = [{ type: 'Ready', status, reason, message }]
  if (outlook === 'stalled') inputs.push({ type: 'Stalled', status: 'True', reason, message })
  else if (outlook !== 'steady')
    inputs.push({ type: 'Reconciling', status: 'True', reason: outlook, message })
  if (replacement !== undefined) {
    inputs.push({ type: 'ReplacementRequired', status: 'True', reason: replacement, message })
  }
  const duplicate = duplicateCondition(o, sink)
  if (duplicate !== undefined) inputs.push(duplicate)
  const facts = sink === undefined || sink.sid !== sid ? o.object.status : withSink(o, sink)
  return withConditions(o, facts, inputs, sink === undefined ? knownFacts(o) : [])
}

/** What was last seen of the recorded sink, as long as it is not known to be gone. */
const knownFacts = ({ object: { status }, snapshot }: Observation): readonly Condition[] =>
  status.sid === undefined || snapshot.recordedGone
    ? []
    : status.conditions.filter(({ type }) => FACTS_OF_THE_SINK.includes(type))

function duplicateCondition(o: Observation, sink: ExternalSink | undefined): ConditionInput | undefined {
  if (sink === undefined) return undefined
  const others = o.snapshot.own.map((own) => own.sink.sid).filter((sid) => sid !== sink.sid)
  if (others.length === 0) return undefined
  const message = `Beside ${sink.sid}, ${others.sort().join(', ')} carries the mark of this object: delete what is not needed at Twilio.`
  return { type: 'DuplicateFound', status: 'True', reason: 'MarkSeenTwice', message }
}

/** What Twilio returned, and nothing of its configuration. */
function withSink(o: Observation, sink: ExternalSink): SinkStatus {
  const { status } = o.object
  const { notComparable: before, subscriptions, keyDigest, ...facts } = status
  const rewritten = notComparable(o, sink).map((member) => cut(member, 'notComparable'))
  const known = o.snapshot.subscriptions
  const { mark } = readMark(sink.description)
  const made = mark !== undefined && sameOwner(mark, o.owner) ? mark.number : undefined
  const attempt = made === undefined ? status.createAttempt : Math.max(made, status.createAttempt ?? 0)
  return {
    ...facts,
    sid: cut(sink.sid, 'sid'),
    ...(o.account.kind === 'present' ? { accountSid: o.account.accountSid } : {}),
    ...keyOfRecord(o, sink),
    sinkType: cut(shownType(sink, o.desired), 'sinkType'),
    sinkStatus: cut(shownStatus(sink, o.desired), 'sinkStatus'),
    url: cut(sink.url, 'url'),
    dateCreated: cut(sink.dateCreated, 'dateCreated'),
    dateUpdated: cut(sink.dateUpdated, 'dateUpdated'),
    ...(known === undefined ? {} : { subscriptions: [...(known.get(sink.sid) ?? [])].sort() }),
    ...(attempt === undefined ? {} : { createAttempt: attempt }),
    ...(rewritten.length === 0 ? {} : { notComparable: rewritten }),
  }
}

/**
 * Written with the record: the key that made or showed the sink then is its witness. To a record of an older operator it
 * is added with the next write that happens anyway (`isChange`).
 */
function keyOfRecord({ object, account }: Observation, { sid }: ExternalSink): Pick<SinkStatus, 'keyDigest'> {
  const { status } = object
  const known = account.kind === 'present' ? account.key : undefined
  const key = status.sid === sid ? (status.keyDigest ?? known) : known
  return key === undefined ? {} : { keyDigest: cut(key, 'keyDigest') }
}

/**
 * Ready stays as it was, where it is true; that another try follows shows in Reconciling. The account itself reports
 * refused credentials.
 */
function afterFailure(
  o: Observation,
  decision: Decision,
  { failure, endedAttempt: attempt }: Extract<Outcome, { kind: 'failed' }>,
): SinkStatus | undefined {
  if (failure.kind === 'unauthorized') return undefined
  if (failure.givenUp === true) return endedAttempt(o.object.status, attempt)
  const message = `Twilio did not take the last request${words(shownFailure(failure, o.desired))} It is tried again.`
  const said = decision.verdict.kind === 'deleting' ? deleting(o, undefined) : kept(o)
  return endedAttempt({ ...kept(o), conditions: progressing(o, said, message) }, attempt)
}

function progressing(o: Observation, { conditions }: SinkStatus, message: string): Condition[] {
  const others = conditions.filter(({ type }) => type !== 'Stalled' && type !== 'Reconciling')
  const reason = 'ProgressingWithRetry'
  return [...others, conditionOf(o, { type: 'Reconciling', status: 'True', reason, message })]
}

/** What waits for the write is told why; what Twilio has said of the sink stays. */
function afterRefusal(o: Observation, why: string): SinkStatus {
  const message = refusedWrite(why)
  if (o.object.deleting) {
    const waits = `The deletion waits. ${message}`
    return deleting(o, { reason: 'WriteRefused', message: waits })
  }
  const base = kept(o)
  const told = base.conditions.map((one) =>
    one.type === 'Ready' && one.reason === 'NotYetObserved'
      ? { ...one, message: cut(message, 'message') }
      : one,
  )
  return { ...base, conditions: progressing(o, { ...base, conditions: told }, message) }
}

function withConditions(
  o: Observation,
  status: SinkStatus,
  inputs: readonly ConditionInput[],
  kept: readonly Condition[],
): SinkStatus {
  const conditions = [...inputs.map((input) => conditionOf(o, input)), ...kept]
  return { ...status, observedGeneration: o.object.generation, conditions }
}

function conditionOf(o: Observation, input: ConditionInput): Condition {
  const when = { generation: o.object.generation, wall: o.now.wall }
  return setCondition(o.object.status.conditions, input, when)
}
