import { describe, expect, it } from 'vitest'
import { SinkStatus } from '../../../../src/api/sink.ts'
import { STATUS_MAX_LENGTH } from '../../../../src/api/status-length.ts'
import { findCondition } from '../../../../src/api/condition.ts'
import { classify, decide } from '../../../../src/sink/decide.ts'
import { nextStatus } from '../../../../src/sink/report/next-status.ts'
import type { Observation } from '../../../../src/sink/observation.ts'
import type { Outcome } from '../../../../src/sink/decision.ts'
import { someCases } from '../enumeration.ts'
import {
  BEFORE,
  both,
  CONTENT,
  facts,
  object,
  REFUSALS,
  said,
  top,
  type Change,
  type Facet,
} from '../facets.ts'
import {
  account,
  observedSink,
  fresh,
  OTHER_ACCOUNT,
  RECORDED,
  settled,
  settledConditions,
  sid,
  snapshot,
} from '../observations.ts'
import { failed, outcomesOf, REFUSED } from '../outcomes.ts'
import { SITUATIONS } from '../situations.ts'
import { LASTING_RULES } from '../status-rules.ts'

const pick = (facet: Facet, name: string): Change => {
  const change = facet[name]
  if (change === undefined) throw new Error(`there is no ${name}`)
  return change
}
function after(o: Observation, outcome: Outcome = { kind: 'none' }): SinkStatus | undefined {
  return nextStatus(o, decide(classify(o), o), outcome)
}
const spoken = (status: SinkStatus | undefined): string[] =>
  (status?.conditions ?? []).map(({ type, status: is, reason }) => `${type} ${is} ${reason}`)

const created = (by: Partial<Extract<Outcome, { kind: 'created' }>> = {}): Outcome => ({
  kind: 'created',
  sink: observedSink({ sid: sid('b') }),
  attempt: 2,
  rewritten: [],
  ...by,
})
const drifted = pick(CONTENT, 'drifted')(settled())
const readyBefore = pick(BEFORE, 'ready before')

describe('after every effect, however it ends', () => {
  const some = [...someCases()]

  it.each(LASTING_RULES)('$name', ({ broken }) => {
    const problems: string[] = []
    for (const { name, o } of some) {
      const state = classify(o)
      const decision = decide(state, o)
      for (const outcome of outcomesOf(decision)) {
        const status = nextStatus(o, decision, outcome)
        if (status === undefined || status.conditions === o.object.status.conditions) continue
        const problem = broken({ o, state, decision, outcome, after: status })
        if (problem !== undefined) problems.push(`${state.name}, ${outcome.kind}: ${problem} (${name})`)
      }
    }
    expect(problems.slice(0, 5)).toEqual([])
  })

  it('is what the API server stores: the schema neither refuses nor prunes it', () => {
    const statuses = some.flatMap(({ o }, index) => (index % 20 === 0 ? (after(o) ?? []) : []))
    expect(statuses.length).toBeGreaterThan(100)
    for (const status of statuses) expect(SinkStatus.parse(status)).toEqual(status)
  })
})

describe('an effect that has not happened', () => {
  it.each<[Outcome['kind'], Outcome]>([
    ['stale', { kind: 'stale' }],
    ['postponed', { kind: 'postponed', ms: 1 }],
    ['failed', failed('unauthorized')],
  ])('writes nothing when it is %s and the account, or the next pass, tells more', (_, outcome) => {
    expect(after(drifted, outcome)).toBeUndefined()
  })

  it('tells of a request that the key may not do, since the account, which it may read, does not', () => {
    expect(spoken(after(drifted, failed('forbidden')))).toContain('Reconciling True ProgressingWithRetry')
  })

  it('keeps Ready when it failed, and says that it is tried again and nothing else', () => {
    const o = both(pick(BEFORE, 'ready before'), pick(CONTENT, 'drifted'))(settled())
    expect(spoken(after(o, failed('transient')))).toEqual([
      'Ready True Active',
      'Reconciling True ProgressingWithRetry',
    ])
    expect(after(o, failed('transient'))?.observedGeneration).toBe(o.object.status.observedGeneration)
    const again = pick(BEFORE, 'on its way before')(drifted)
    expect(spoken(after(again, failed('conflict')))).toEqual([
      'Ready False Validating',
      'DuplicateFound True MarkSeenTwice',
      'Reconciling True ProgressingWithRetry',
    ])
  })

  it('says Unknown when it failed before anything was known', () => {
    expect(spoken(after(fresh(), failed('not-sent')))).toEqual([
      'Ready Unknown NotYetObserved',
      'Reconciling True ProgressingWithRetry',
    ])
  })

  it('says on the object why the API server refuses it, in Ready too where nothing was known', () => {
    const status = after(fresh(), REFUSED)
    expect(spoken(status)).toEqual(['Ready Unknown NotYetObserved', 'Reconciling True ProgressingWithRetry'])
    for (const { message } of status?.conditions ?? []) expect(message).toContain('webhook "labels" denied')
    const o = both(pick(BEFORE, 'ready before'), pick(CONTENT, 'drifted'))(settled())
    expect(spoken(after(o, REFUSED))).toEqual(['Ready True Active', 'Reconciling True ProgressingWithRetry'])
  })

  it('blocks a deletion whose finalizer the API server does not let go', () => {
    const status = after(object({ deleting: true })(readyBefore(settled())), REFUSED)
    expect(spoken(status)).toEqual(['Ready False Deleting', 'DeletionBlocked True WriteRefused'])
  })

  it('does not hide a deletion that failed behind a Ready of before', () => {
    const o = object({ deleting: true })(readyBefore(settled()))
    expect(spoken(after(o, failed('transient')))).toEqual([
      'Ready False Deleting',
      'Reconciling True ProgressingWithRetry',
    ])
  })

  it('is the end of its attempt when it certainly made no sink, and of no earlier one', () => {
    expect(after(fresh(), failed('not-sent', { endedAttempt: 4 }))?.createAttempt).toBe(4)
    expect(
      after(said({ createAttempt: 5 })(fresh()), failed('not-sent', { endedAttempt: 4 }))?.createAttempt,
    ).toBe(5)
    expect(after(fresh(), failed('not-sent', { endedAttempt: 1 }))?.createAttempt).toBe(1)
    expect(after(fresh(), failed('transient'))?.createAttempt).toBeUndefined()
  })
})

describe('a create that was answered', () => {
  it('records SID, account, number and what Twilio rewrites, and says what Twilio says', () => {
    const status = after(fresh(), created({ rewritten: ['destination'] }))
    expect(status).toMatchObject({
      sid: sid('b'),
      accountSid: RECORDED.accountSid,
      createAttempt: 2,
      notComparable: ['destination'],
      observedGeneration: 1,
    })
    expect(spoken(status)).toEqual(['Ready True Active'])
  })

  it('forgets what the sink before it rewrote, and never goes back to a lower number', () => {
    const o = both(
      pick(SITUATIONS, 'recorded and gone'),
      said({ notComparable: ['arn'], createAttempt: 7 }),
    )(fresh())
    const status = after(o, created())
    expect(status?.notComparable).toBeUndefined()
    expect(status?.createAttempt).toBe(7)
  })

  it('keeps its number although the answer shows no mark', () => {
    const sink = observedSink({ sid: sid('b'), description: 'Orders' })
    expect(after(fresh(), created({ sink }))).toMatchObject({ sid: sid('b'), createAttempt: 2 })
  })

  it('is recorded although the account has gone meanwhile: the SID is what must not be lost', () => {
    const o = fresh({ account: { kind: 'missing', name: 'shop/default' } })
    const decision = decide({ name: 'ToCreate' }, o)
    expect(nextStatus(o, decision, created())).toMatchObject({ sid: sid('b') })
  })

  it('is recorded whole in the account of now, whatever account was named before', () => {
    const o = fresh({ account: account({ accountSid: OTHER_ACCOUNT }) })
    expect(after(o, created())?.accountSid).toBe(OTHER_ACCOUNT)
  })

  it('is shortened to what the API server takes, else the SID is refused with it', () => {
    const long = 'x'.repeat(5_000)
    const sink = observedSink({ sid: sid('b'), status: long, sinkType: long, url: long, dateCreated: long })
    const status = after(fresh(), created({ sink, rewritten: [long] }))
    expect(status?.sid).toBe(sid('b'))
    expect(status?.sinkStatus).toHaveLength(STATUS_MAX_LENGTH.sinkStatus)
    expect(status?.sinkType).toHaveLength(STATUS_MAX_LENGTH.sinkType)
    expect(status?.url).toHaveLength(STATUS_MAX_LENGTH.url)
    expect(status?.dateCreated).toHaveLength(STATUS_MAX_LENGTH.dateCreated)
    expect(status?.notComparable?.[0]).toHaveLength(STATUS_MAX_LENGTH.notComparable)
    expect(findCondition(status?.conditions ?? [], 'Ready')?.message.length).toBeLessThanOrEqual(
      STATUS_MAX_LENGTH.message,
    )
  })
})

it('believes the answer to an update more than what was decided on', () => {
  const status = after(drifted, {
    kind: 'updated',
    sink: observedSink({ status: 'failed', dateUpdated: 'later' }),
  })
  expect(status).toMatchObject({ sinkStatus: 'failed', dateUpdated: 'later' })
  expect(spoken(status)).toEqual(['Ready False Failed', 'Stalled True Failed'])
})

it('takes the end of a refused attempt into the status, since its number must not be used again', () => {
  expect(after(pick(REFUSALS, 'refused by Twilio')(fresh()))?.createAttempt).toBe(2)
  expect(after(pick(REFUSALS, 'account full')(fresh()))?.createAttempt).toBeUndefined()
})

describe('a deletion', () => {
  const deleting = (by: Partial<Observation['object']> = {}) =>
    object({ deleting: true, ...by })(readyBefore(settled()))

  it('that is quick writes nothing but the removal of the finalizer', () => {
    const o = deleting()
    expect(after(o, { kind: 'done' })).toBe(o.object.status)
  })

  it('that takes long, or has to wait, says so', () => {
    expect(spoken(after(deleting({ deletingFor: 31_000 })))).toEqual([
      'Ready False Deleting',
      'Reconciling True Deleting',
    ])
    const waiting = object({ deleting: true })(pick(SITUATIONS, 'recorded, not seen, proof later')(fresh()))
    expect(spoken(after(waiting))).toEqual(['Ready False Deleting', 'Reconciling True Deleting'])
  })

  it('that is no longer blocked says so at once, since people wait for it', () => {
    expect(spoken(after(pick(BEFORE, 'blocked before')(deleting())))).toEqual([
      'Ready False Deleting',
      'Reconciling True Deleting',
    ])
  })
})

describe('what people asked for', () => {
  const asking = (requests: Partial<Observation['requests']>): Observation =>
    top({ requests: { ...settled().requests, ...requests } })(settled())

  it('is answered in the status with the value that asked', () => {
    expect(after(asking({ test: 't' }), { kind: 'tested', result: 'r' })?.lastTest).toEqual({
      requestedAt: 't',
      result: 'r',
    })
    expect(after(asking({ validate: 'v' }), { kind: 'validated', result: 'r' })?.lastValidation).toEqual({
      testId: 'v',
      result: 'r',
    })
  })

  it('is answered no longer than the API server takes, since people can ask with anything', () => {
    const long = 'x'.repeat(5_000)
    const asked = asking({ test: long, reconcile: long, freshlyRead: true })
    const answers = after(asked, { kind: 'tested', result: long })
    expect(answers?.lastHandledReconcileAt).toHaveLength(STATUS_MAX_LENGTH.lastHandledReconcileAt)
    expect(answers?.lastTest?.requestedAt).toHaveLength(STATUS_MAX_LENGTH.requestedAt)
    expect(answers?.lastTest?.result).toHaveLength(STATUS_MAX_LENGTH.result)
    const validated = after(asking({ validate: long }), { kind: 'validated', result: long })
    expect(validated?.lastValidation?.testId).toHaveLength(STATUS_MAX_LENGTH.testId)
    expect(validated?.lastValidation?.result).toHaveLength(STATUS_MAX_LENGTH.result)
  })

  it('is not answered by a request that failed', () => {
    const status = after(asking({ test: 't' }), failed('transient'))
    expect(status?.lastTest).toBeUndefined()
  })

  it('is answered in a pass that finds nothing new as well', () => {
    const o = top({ snapshot: snapshot({ kind: 'none' }) })(asking({ reconcile: 'now', freshlyRead: true }))
    expect(after(o)?.lastHandledReconcileAt).toBe('now')
  })
})

it('names several duplicates in one order, whatever the order of the LIST', () => {
  const doubled = pick(SITUATIONS, 'recorded and two duplicates')(fresh())
  const { own } = doubled.snapshot
  const message = (o: Observation) => findCondition(after(o)?.conditions ?? [], 'DuplicateFound')?.message
  expect(message(facts({ own: own.toReversed() })(doubled))).toBe(message(doubled))
})

it('names a duplicate for as long as it is there, and no longer', () => {
  const doubled = pick(SITUATIONS, 'recorded and a duplicate')(fresh())
  const first = after(doubled)
  expect(spoken(first)).toContain('DuplicateFound True MarkSeenTwice')
  expect(findCondition(first?.conditions ?? [], 'DuplicateFound')?.message).toContain(sid('b'))
  const mended = object({ status: first ?? RECORDED })(settled())
  expect(spoken(after(mended))).toEqual(['Ready True Active'])
})

it('moves lastTransitionTime with the status of a condition, to whole seconds', () => {
  const before = settledConditions(['Ready', 'True', 'Active'])
  const now = { wall: Date.parse('2026-11-24T12:34:56.789Z'), monotonic: 1_000_000 }
  const failedNow = settled({ now, snapshot: snapshot({ recorded: observedSink({ status: 'failed' }) }) })
  const ready = (o: Observation) => findCondition(after(o)?.conditions ?? [], 'Ready')?.lastTransitionTime
  expect(ready(said({ conditions: before })(failedNow))).toBe('2026-11-24T12:34:56Z')
  expect(ready(said({ conditions: before })(settled({ now })))).toBe(before[0]?.lastTransitionTime)
})
