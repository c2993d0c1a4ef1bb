import { expect, it } from 'vitest'
import { classify, decide } from '../../../../src/sink/decide.ts'
import type { Next, Outcome } from '../../../../src/sink/decision.ts'
import type { Observation } from '../../../../src/sink/observation.ts'
import { makeReport } from '../../../../src/sink/report/report.ts'
import { sameStatus } from '../../../../src/api/condition.ts'
import { object } from '../facets.ts'
import { observedSink, fresh, OBSERVED_KEY, KEY_DIGEST, RECORDED, settled, sid } from '../observations.ts'
import { failed } from '../outcomes.ts'

function reportOf(o: Observation, outcome: Outcome = { kind: 'none' }) {
  const state = classify(o)
  return makeReport(o, state, decide(state, o), outcome)
}
const created: Outcome = { kind: 'created', sink: observedSink({ sid: sid('b') }), attempt: 1, rewritten: [] }

it('tells who, what and how it ended, for log, metrics and events alike', () => {
  expect(reportOf(fresh(), created)).toMatchObject({
    key: OBSERVED_KEY,
    uid: 'uid',
    generation: 1,
    state: 'ToCreate',
    effect: 'create',
    outcome: 'created',
    sid: sid('b'),
    failure: undefined,
  })
})

it('holds a status only when it is another, so that nothing is written at rest', () => {
  const first = reportOf(settled())
  expect(first.status).toBeDefined()
  expect(reportOf(object({ status: first.status ?? RECORDED })(settled())).status).toBeUndefined()
})

it('holds the failure, and the SID as it was', () => {
  const o = object({ deleting: true })(settled())
  const outcome = failed('transient')
  const report = reportOf(o, outcome)
  expect(report.failure).toMatchObject({ kind: 'transient' })
  expect(report.sid).toBe(RECORDED.sid)
  expect(reportOf(o, { kind: 'stale' })).toMatchObject({ sid: RECORDED.sid, status: undefined })
})

it.each<[why: string, o: Observation, outcome: Outcome, next: Next]>([
  ['at once when what was decided on is no longer so', settled(), { kind: 'stale' }, { kind: 'now' }],
  ['when it may be done', fresh(), { kind: 'postponed', ms: 5 }, { kind: 'after', ms: 5 }],
  [
    'soon after a test, which moves the sink',
    settled(),
    { kind: 'tested', result: 'r' },
    { kind: 'settling' },
  ],
  ['soon after a validation', settled(), { kind: 'validated', result: 'r' }, { kind: 'settling' }],
  ['as decided otherwise', settled(), { kind: 'none' }, { kind: 'change' }],
])('comes again %s', (_, o, outcome, next) => {
  expect(reportOf(o, outcome).next).toEqual(next)
})

it('tells how long a new object took to be Ready, once, and nothing of the kind of one that was Ready before', () => {
  expect(reportOf(fresh(), created).life).toEqual({
    age: fresh().now.wall - Date.parse(fresh().object.claim.created),
    isNew: true,
    becomesReady: true,
    deletedAfter: undefined,
  })
  const { status } = reportOf(settled())
  const ready = object({ status: status ?? RECORDED })(settled())
  expect(reportOf(ready).life).toMatchObject({ isNew: false, becomesReady: false })
  expect(reportOf(settled()).life).toMatchObject({ isNew: false, becomesReady: true })
  expect(reportOf(fresh(), failed('transient')).life).toMatchObject({ isNew: true, becomesReady: false })
})

it('takes no time for an object that the clock of the API server dates into the future', () => {
  const {
    now,
    object: { claim },
  } = fresh()
  const later = new Date(now.wall + 60_000).toISOString()
  expect(reportOf(object({ claim: { ...claim, created: later } })(fresh())).life.age).toBe(0)
})

it('tells how long a deletion took, when the finalizer is removed and not before', () => {
  const leaving = object({ deleting: true, deletingFor: 90_000, deletionPolicy: 'Orphan' })(settled())
  expect(classify(leaving).name).toBe('Orphaned')
  expect(reportOf(leaving, { kind: 'done' }).life.deletedAfter).toBe(90_000)
  expect(reportOf(leaving, { kind: 'stale' }).life.deletedAfter).toBeUndefined()
  const inUse = object({ deleting: true, deletingFor: 90_000 })(settled())
  expect(reportOf(inUse, { kind: 'done' }).life.deletedAfter).toBeUndefined()
})

it('takes absent and undefined for the same status, and order of members for none', () => {
  expect(sameStatus({ ...RECORDED, subscriptions: undefined }, RECORDED)).toBe(true)
  expect(sameStatus({ ...RECORDED, url: 'x' }, RECORDED)).toBe(false)
  const { conditions, ...others } = RECORDED
  expect(sameStatus({ conditions, ...others }, { ...others, conditions })).toBe(true)
})

it('adds the digest of the key to what an older operator has recorded, with the next write and with none of its own', () => {
  const reportOn = (o: Observation) => makeReport(o, classify(o), decide(classify(o), o), { kind: 'none' })
  const resting = settled()
  const { status } = reportOn(resting)
  const before = { ...(status ?? resting.object.status), keyDigest: undefined }
  const known = { ...resting, object: { ...resting.object, status: before } }
  expect(reportOn(known).status).toBeUndefined()
  const edited = { ...known, object: { ...known.object, generation: 7 } }
  expect(reportOn(edited).status?.keyDigest).toBe(KEY_DIGEST)
})
