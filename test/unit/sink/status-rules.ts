import {
  DELETION_BLOCKED_REASONS,
  DUPLICATE_REASONS,
  FACTS_OF_THE_SINK,
  READY_REASONS,
  RECONCILING_REASONS,
  REPLACEMENT_REASONS,
  STALLED_REASONS,
  findCondition,
  sameStatus,
} from '../../../src/api/condition.ts'
import type { SinkStatus } from '../../../src/api/sink.ts'
import type { Decision, Outcome } from '../../../src/sink/decision.ts'
import type { Observation } from '../../../src/sink/observation.ts'
import { staysTrue } from '../../../src/sink/kept-ready.ts'
import { readMark, sameOwner } from '../../../src/external/ownership-mark.ts'
import type { State } from '../../../src/sink/state.ts'
import { isDoubtful, targetSink } from './design-rows.ts'

/** One promise over every status that is said, whether it has to be written or is so already. */
export interface StatusRule {
  readonly name: string
  readonly broken: (seen: StatusSeen) => string | undefined
}

export interface StatusSeen {
  readonly o: Observation
  readonly state: State
  readonly decision: Decision
  readonly outcome: Outcome
  readonly after: SinkStatus
}

const REASONS: Readonly<Record<string, readonly string[]>> = {
  Ready: READY_REASONS,
  Reconciling: RECONCILING_REASONS,
  Stalled: STALLED_REASONS,
  DeletionBlocked: DELETION_BLOCKED_REASONS,
  ReplacementRequired: REPLACEMENT_REASONS,
  DuplicateFound: DUPLICATE_REASONS,
}
/** Twilio's word is not enough when a value cannot be compared. */
const INVALID = { missing: 'False/SecretMissing', malformed: 'False/InvalidValue' } as const

const READY_FOR: Readonly<Record<string, string>> = {
  active: 'True/Active',
  initialized: 'False/Initialized',
  validating: 'False/Validating',
  failed: 'False/Failed',
}
/** A date, a time, or a count of seconds, tries or sinks. */
const MOVING = /\d{4}-\d\d-\d\d|\d\d:\d\d|\b\d+ ?(?:ms|s|seconds|minutes|times|tries|attempts|sinks)\b/u

const when = (broken: boolean, problem: string): string | undefined => (broken ? problem : undefined)
const written = ({ o, after }: StatusSeen): boolean => !sameStatus(o.object.status, after)

/** Promises that hold however the effect has ended. */
export const LASTING_RULES: readonly StatusRule[] = [
  {
    name: 'Ready is always there, every type once, and all others only while True',
    broken: ({ after: { conditions } }) => {
      const types = conditions.map(({ type }) => type)
      if (!types.includes('Ready')) return 'no Ready'
      if (new Set(types).size !== types.length) return 'twice'
      return when(
        conditions.some(({ type, status }) => type !== 'Ready' && status !== 'True'),
        'not True',
      )
    },
  },
  {
    name: 'every reason is in the closed list of its type',
    broken: ({ after: { conditions } }) =>
      conditions.find(({ type, reason }) => REASONS[type]?.includes(reason) !== true)?.reason,
  },
  {
    name: 'Reconciling and Stalled are never both said, since kstatus takes whichever comes first',
    broken: ({ after: { conditions } }) =>
      when(
        findCondition(conditions, 'Stalled') !== undefined &&
          findCondition(conditions, 'Reconciling') !== undefined,
        'both',
      ),
  },
  {
    name: 'Stalled says what Ready says, and never beside a Sink that is ready',
    broken: ({ after: { conditions } }) => {
      const stalled = findCondition(conditions, 'Stalled')
      const ready = findCondition(conditions, 'Ready')
      if (stalled === undefined) return undefined
      return when(stalled.reason !== ready?.reason || ready.status === 'True', stalled.reason)
    },
  },
  {
    name: 'lastTransitionTime moves with the status of a condition, and only with it',
    broken: ({ o, after }) => {
      const wrong = after.conditions.find((now) => {
        const before = findCondition(o.object.status.conditions, now.type)
        const moved = before?.lastTransitionTime !== now.lastTransitionTime
        return moved !== (before?.status !== now.status)
      })
      return wrong?.type
    },
  },
  {
    name: 'messages hold neither times nor counts, which would cause writes, but the moment before which nothing is made',
    broken: ({ o, decision: { verdict }, after: { conditions } }) => {
      const waits = verdict.kind === 'kept' && verdict.until !== undefined
      const moves = (message: string) => !waits && MOVING.test(withoutIntervals(o, message))
      return conditions.find(({ message, type }) => type !== 'Stalled' && moves(message))?.message
    },
  },
  {
    name: 'messages are sentences: no full stop follows another',
    broken: ({ after: { conditions } }) =>
      conditions.find(({ message }) => /\.[. ]*\./u.test(message))?.message,
  },
  {
    name: 'SID, account and number of the attempt are never lost, since losing them would duplicate the sink',
    broken: ({ o, after }) => {
      const { sid, accountSid, createAttempt = 0, notComparable } = o.object.status
      if (sid !== undefined && after.sid === undefined) return 'sid'
      if (accountSid !== undefined && after.accountSid === undefined) return 'accountSid'
      if ((after.createAttempt ?? 0) < createAttempt) return 'createAttempt'
      return when(
        after.sid === sid &&
          notComparable?.some((member) => after.notComparable?.includes(member) !== true) === true,
        'notComparable',
      )
    },
  },
  {
    name: 'a SID comes in by the effect that has just looked at its sink, or by the answer to a create, and in no other way',
    broken: ({ o, decision: { effect }, outcome, after }) => {
      if (after.sid === o.object.status.sid) return undefined
      if (outcome.kind === 'created') return when(after.sid !== outcome.sink.sid, 'not the one that was made')
      const looked = effect.kind === 'record' && outcome.kind === 'done'
      return when(!looked || after.sid !== effect.sink.sid, `${effect.kind} is ${outcome.kind}`)
    },
  },
  {
    name: 'no value of a configuration, nor its digest, is in it',
    broken: ({ o, after }) => {
      const text = JSON.stringify(after)
      const digests = Object.values(o.desired.configuration).filter((digest) => digest !== null)
      return when(digests.some((digest) => text.includes(digest)) || text.includes('example.com'), 'told')
    },
  },
]

/** Promises of a reconcile whose effect has not changed anything yet. */
export const DECIDED_RULES: readonly StatusRule[] = [
  {
    name: 'a generation is settled as a whole: what is written speaks of the present one, or only it has moved',
    broken: (seen) => {
      const { o, after } = seen
      const { generation, status } = o.object
      if (![generation, status.observedGeneration].includes(after.observedGeneration)) return 'another'
      const speaksOf = findCondition(after.conditions, 'Ready')?.observedGeneration
      const kept = isKept(seen) || seen.decision.verdict.kind === 'suspended'
      return when(
        !kept && (after.observedGeneration !== generation || speaksOf !== generation),
        'left behind',
      )
    },
  },
  {
    name: 'a SID is written only together with its account, and only of the sink that the object means',
    broken: ({ o, after }) => {
      if (after.sid === o.object.status.sid) return undefined
      if (after.accountSid === undefined) return 'no account'
      return when(after.sid !== targetSink(o)?.sid, 'another sink')
    },
  },
  {
    name: 'the number in the mark of a sink that is written has ended, else the sink is its own successor',
    broken: ({ o, after, decision: { verdict } }) => {
      const sink = targetSink(o)
      if (verdict.kind !== 'as-twilio-says' || sink === undefined) return undefined
      const { mark } = readMark(sink.description)
      const ended = mark === undefined || !sameOwner(mark, o.owner) ? 0 : mark.number
      return when((after.createAttempt ?? 0) < ended, `${after.createAttempt} instead of ${ended}`)
    },
  },
  {
    name: 'the word of Twilio is mirrored as it is, unless it is none and could hold a secret, and Ready fits it',
    broken: ({ o, state, decision: { verdict }, after }) => {
      if (verdict.kind !== 'as-twilio-says') return undefined
      const word = targetSink(o)?.status ?? ''
      const mayQuote = READY_FOR[word] !== undefined || o.desired.fromSecret.length === 0
      const shown = mayQuote ? word : 'unrecognised'
      if (after.sinkStatus !== shown) return `${after.sinkStatus} instead of ${shown}`
      const ready = findCondition(after.conditions, 'Ready')
      const sink = targetSink(o)
      const isTold = sink !== undefined && word === 'active' && isDoubtful(o, sink)
      const problem = isTold ? o.desired.problem?.kind : undefined
      const wanted = (problem && INVALID[problem]) ?? READY_FOR[word] ?? 'Unknown/UnrecognisedStatus'
      return when(`${ready?.status}/${ready?.reason}` !== wanted, `${state.name}: ${ready?.reason}`)
    },
  },
  {
    name: 'Ready is True only where Twilio has the description of the spec, or it is written just now, or as it was before',
    broken: (seen) => {
      const { o, decision, after } = seen
      if (findCondition(after.conditions, 'Ready')?.status !== 'True') return undefined
      if (isKept(seen) || decision.verdict.kind === 'suspended') return undefined
      if (decision.effect.kind === 'update-description') return undefined
      const text = readMark(targetSink(o)?.description ?? '').text
      return when(text !== o.desired.description, 'another description')
    },
  },
  {
    name: 'Ready is True only for a sink that Twilio calls active, or as it was before',
    broken: (seen) => {
      const ready = findCondition(seen.after.conditions, 'Ready')
      const kept = isKept(seen) || seen.decision.verdict.kind === 'suspended'
      return when(ready?.status === 'True' && !kept && seen.after.sinkStatus !== 'active', 'guessed')
    },
  },
  {
    name: 'a pass that knows nothing new keeps Ready while it is true, or says Unknown where it is not or there is none',
    broken: (seen) => {
      const { o, after, decision } = seen
      if (decision.verdict.kind !== 'kept' && decision.verdict.kind !== 'suspended') return undefined
      const before = findCondition(o.object.status.conditions, 'Ready')
      const now = findCondition(after.conditions, 'Ready')
      const isKept = before !== undefined && staysTrue(o, before)
      if (isKept) return when(now !== before, 'not kept')
      const waits = decision.verdict.kind === 'kept' && decision.verdict.until !== undefined
      if (waits) return when(!/not before 2026-11-24T12:00:\d\dZ/u.test(now?.message ?? ''), 'no moment')
      return when(now?.status !== 'Unknown' || now.reason !== 'NotYetObserved', 'not Unknown')
    },
  },
  {
    name: 'what was last seen of the recorded sink is still said by a verdict that does not speak of it',
    broken: ({ o, decision: { verdict }, after }) => {
      const { status } = o.object
      const speaks = verdict.kind === 'as-twilio-says' || ('sink' in verdict && verdict.sink !== undefined)
      if (speaks || status.sid === undefined || o.snapshot.recordedGone) return undefined
      const facts = status.conditions.filter(({ type }) => FACTS_OF_THE_SINK.includes(type))
      return facts.find((fact) => !after.conditions.includes(fact))?.type
    },
  },
  {
    name: 'a suspension is seen: the generation counts as observed, else nothing waits for it rightly',
    broken: ({ o, decision: { verdict }, after }) =>
      when(verdict.kind === 'suspended' && after.observedGeneration !== o.object.generation, 'not seen'),
  },
  {
    name: 'only an object that is being deleted says Deleting or DeletionBlocked',
    broken: (seen) => {
      const { o, after } = seen
      if (o.object.deleting || !written(seen) || isKept(seen)) return undefined
      if (seen.decision.verdict.kind === 'suspended') return undefined
      const ready = findCondition(after.conditions, 'Ready')
      const blocked = findCondition(after.conditions, 'DeletionBlocked')
      return when(ready?.reason === 'Deleting' || blocked !== undefined, 'a living object')
    },
  },
  {
    name: 'a request for a pass is answered once the fresh read was made, and not before',
    broken: ({ o, after }) => {
      const { reconcile, freshlyRead } = o.requests
      const answered = reconcile !== undefined && after.lastHandledReconcileAt === reconcile
      return when(answered !== (reconcile !== undefined && freshlyRead), 'answered wrongly')
    },
  },
  {
    name: 'subscriptions are those of the sink, in order, and absent where they are not known',
    broken: ({ o, decision: { verdict }, after }) => {
      const blocked = verdict.kind === 'deleting' && verdict.blocked !== undefined
      const known = o.snapshot.subscriptions
      if (blocked && (known === undefined || o.snapshot.recorded === undefined)) return undefined
      if (!blocked && verdict.kind !== 'as-twilio-says') return undefined
      if (known === undefined) return when(after.subscriptions !== undefined, 'not known')
      const wanted = [...(known.get(after.sid ?? '') ?? [])].sort()
      return when(JSON.stringify(after.subscriptions) !== JSON.stringify(wanted), 'others')
    },
  },
]

export const STATUS_RULES: readonly StatusRule[] = [...LASTING_RULES, ...DECIDED_RULES]

/** How long something takes at most is set by the options, and stands still. */
const withoutIntervals = ({ intervals }: Observation, message: string): string =>
  [3 * intervals.poll, intervals.settle, intervals.settlingPoll].reduce(
    (text, ms) => text.replace(`${ms / 1000} s`, ''),
    message,
  )

const isKept = ({ o, after, decision }: StatusSeen): boolean =>
  decision.verdict.kind === 'kept' ||
  (decision.verdict.kind === 'deleting' && after.conditions === o.object.status.conditions)
