import { SINK_TYPES } from '../api/sink-configuration.ts'
import { seconds } from '../api/condition.ts'
import type { ReadyVerdict } from './decision.ts'
import type { DesiredProblem, DesiredSink } from './desired-sink.ts'
import type { ExternalSink } from '../external/external-sink.ts'
import type { Intervals, Observation } from './observation.ts'
import { mayQuote } from './messages.ts'
import type { StateOf } from './state.ts'

/** A value is missing or malformed: for the create of a sink, or to tell whether one that goes on is what the spec says. */
export function invalidVerdict(
  { problem, message }: Pick<StateOf<'Invalid'>, 'problem' | 'message'>,
  sink: ExternalSink | undefined,
  { settlingPoll }: Intervals,
): ReadyVerdict {
  const goesOn = sink === undefined ? '' : ` The sink ${sink.sid} goes on as it was.`
  const text = `${message.charAt(0).toUpperCase()}${message.slice(1)}.${goesOn} It is read again every ${seconds(settlingPoll)}.`
  return {
    kind: 'ready',
    status: 'False',
    message: text,
    ...(problem === 'missing'
      ? { reason: 'SecretMissing', outlook: 'DependencyNotReady' }
      : { reason: 'InvalidValue', outlook: 'stalled' }),
    ...(sink === undefined ? {} : { sink }),
  }
}

/**
 * What keeps an active sink from being called what the spec says: a value that is missing, or malformed and not the one
 * that Twilio has. What Twilio has against the sink goes first.
 */
export function valueProblem({ desired }: Observation, sink: ExternalSink): DesiredProblem | undefined {
  const { problem, fromSecret, configuration } = desired
  if (problem === undefined || sink.status !== 'active') return undefined
  const differs = (member: string): boolean => {
    const value = configuration[member] ?? null
    return value === null || value !== sink.configuration[member]
  }
  const isThere = fromSecret.length > 0 && !fromSecret.some(differs)
  return problem.kind === 'malformed' && isThere ? undefined : problem
}

/** What Twilio says of the sink, unless a value without which that is not enough is missing. */
export function shownVerdict(o: Observation, sink: ExternalSink): ReadyVerdict {
  const { desired, intervals } = o
  const problem = valueProblem(o, sink)
  if (problem === undefined) return twilioVerdict(sink, desired)
  return invalidVerdict({ problem: problem.kind, message: problem.message }, sink, intervals)
}

/** What Twilio's status word means for the Sink. An unknown word is shown as it is. */
export function twilioVerdict(sink: ExternalSink, desired: Pick<DesiredSink, 'fromSecret'>): ReadyVerdict {
  const known = VERDICTS.get(sink.status)
  if (known !== undefined) return { ...known, sink }
  return {
    kind: 'ready',
    status: 'Unknown',
    reason: 'UnrecognisedStatus',
    message:
      `Twilio reports a status that this version does not know: "${shownStatus(sink, desired)}". ` +
      'Look at the sink in the Twilio Console; a newer version of the operator may know the word.',
    outlook: 'steady',
    sink,
  }
}

/** Stands for a word of Twilio's that may not be quoted. */
const UNRECOGNISED = 'unrecognised'

/** The status word as people may see it. */
export const shownStatus = ({ status }: ExternalSink, desired: Pick<DesiredSink, 'fromSecret'>): string =>
  VERDICTS.has(status) || mayQuote(desired) ? status : UNRECOGNISED

/** The type as people may see it. */
export const shownType = ({ sinkType }: ExternalSink, desired: Pick<DesiredSink, 'fromSecret'>): string =>
  SINK_TYPES.some((known) => known === sinkType) || mayQuote(desired) ? sinkType : UNRECOGNISED

const VERDICTS: ReadonlyMap<string, ReadyVerdict> = new Map([
  [
    'active',
    {
      kind: 'ready',
      status: 'True',
      reason: 'Active',
      message: 'The sink is active at Twilio.',
      outlook: 'steady',
    },
  ],
  [
    'initialized',
    {
      kind: 'ready',
      status: 'False',
      reason: 'Initialized',
      message:
        'Twilio has created the sink but not activated it. If it stays so, send a test event ' +
        '(annotation events.twilio.com/test-requested-at) and validate the id that arrives (events.twilio.com/validate).',
      outlook: 'Initialized',
    },
  ],
  [
    'validating',
    {
      kind: 'ready',
      status: 'False',
      reason: 'Validating',
      message:
        'Twilio has sent a test event and waits for its id: read data.test_id at the destination ' +
        'and set it as the annotation events.twilio.com/validate.',
      outlook: 'Validating',
    },
  ],
  [
    'failed',
    {
      kind: 'ready',
      status: 'False',
      reason: 'Failed',
      message:
        'Twilio reports the sink as failed. See the Twilio Console, Monitor, Errors for the cause (codes 93101 to 93104, 91300 to 91308), ' +
        'and fix the destination. If it stays failed, delete the Sink and apply it again: the new sink has another SID, so the ' +
        'subscription that uses the old one has to be deleted first, and made again for the new one.',
      outlook: 'stalled',
    },
  ],
])
