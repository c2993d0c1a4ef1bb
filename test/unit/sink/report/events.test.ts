import { describe, expect, it } from 'vitest'
import type { Condition } from '../../../../src/api/condition.ts'
import {
  NORMAL_EVENTS,
  READY_WARNINGS,
  WARNING_EVENTS,
  type EventReason,
} from '../../../../src/sink/report/events.ts'
import { classify, decide } from '../../../../src/sink/decide.ts'
import { wantedDescription } from '../../../../src/sink/difference.ts'
import type { Observation } from '../../../../src/sink/observation.ts'
import type { Outcome } from '../../../../src/sink/decision.ts'
import { makeReport, type Report } from '../../../../src/sink/report/report.ts'
import { both, CONTENT, object, REFUSALS, said, top, VALUES, type Change } from '../facets.ts'
import {
  account,
  attempt,
  observedSink,
  fresh,
  RECORDED,
  settled,
  settledConditions,
  sid,
  snapshot,
} from '../observations.ts'
import { REFUSED } from '../outcomes.ts'
import { SITUATIONS } from '../situations.ts'

const DONE: Outcome = { kind: 'done' }
const ACTIVE = settledConditions(['Ready', 'True', 'Active'])

function reportOf(o: Observation, outcome: Outcome = { kind: 'none' }): Report {
  const state = classify(o)
  return makeReport(o, state, decide(state, o), outcome)
}
const eventsOf = (o: Observation, outcome?: Outcome): string[] =>
  reportOf(o, outcome).events.map(({ type, reason }) => `${type} ${reason}`)

/** At rest, with the status written. */
const resting = (): Observation => {
  const o = settled()
  return object({ status: reportOf(o).status ?? RECORDED })(o)
}
const made = observedSink({ sid: sid('b') })
const created: Outcome = { kind: 'created', sink: made, attempt: 1, rewritten: [] }
const change = (facet: Readonly<Record<string, Change>>, name: string): Change => {
  const found = facet[name]
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}
const situation = (name: string): Observation => change(SITUATIONS, name)(fresh())
const drifted = change(CONTENT, 'drifted')(resting())
const asked = (requests: Partial<Observation['requests']>): Observation =>
  top({ requests: { ...resting().requests, ...requests } })(resting())
const suspendedBefore = said({ observedGeneration: 2, conditions: ACTIVE })

/** How each reason comes about in the core. */
type Scene = readonly [reason: EventReason, how: string, o: Observation, outcome?: Outcome]
const ROWS: readonly Scene[] = [
  ['SinkCreated', 'a create was answered', fresh(), created],
  ['SinkAdopted', 'a sink with our mark was recorded', situation('successor'), DONE],
  ['SinkImported', 'the sink to import was recorded', situation('import, seen'), DONE],
  [
    'DescriptionUpdated',
    'an update was answered',
    drifted,
    { kind: 'updated', sink: observedSink({ description: wantedDescription(drifted, observedSink()) }) },
  ],
  [
    'StatusChanged',
    'Twilio says another word',
    top({ snapshot: snapshot({ recorded: observedSink({ status: 'failed' }) }) })(resting()),
  ],
  [
    'SinkDeleted',
    'the sink is proven gone',
    object({ deleting: true })(situation('recorded and gone')),
    DONE,
  ],
  [
    'SinkOrphaned',
    'the policy says so',
    object({ deleting: true, deletionPolicy: 'Orphan' })(resting()),
    DONE,
  ],
  ['Suspended', 'suspend was set', object({ suspend: true, generation: 2 })(resting())],
  ['Resumed', 'suspend was unset', both(object({ generation: 3 }), suspendedBefore)(resting())],
  ['TestEventSent', 'a test was asked for', asked({ test: 't' }), { kind: 'tested', result: 'Submitted' }],
  [
    'ValidateAnswered',
    'a validation was asked for',
    asked({ validate: 'v' }),
    { kind: 'validated', result: 'valid' },
  ],
  ['CreateRefused', 'Twilio refused the create', change(REFUSALS, 'refused by Twilio')(fresh())],
  ['QuotaExceeded', 'the account is full', change(REFUSALS, 'account full')(fresh())],
  ['UpdateRefused', 'Twilio refused the text', change(REFUSALS, 'description refused')(drifted)],
  ['CreateOutcomeUnknown', 'the create was not answered', fresh({ attempts: [attempt()] })],
  ['Ambiguous', 'two sinks carry our mark', situation('two successors')],
  ['UpdateNotSticking', 'the corrections did not last', change(CONTENT, 'not sticking')(resting())],
  ['AccountMismatch', 'the account was changed', situation('recorded in another account')],
  ['InvalidValue', 'a value is malformed', change(VALUES, 'malformed')(fresh())],
  ['SecretMissing', 'a Secret is missing', change(VALUES, 'incomplete')(fresh())],
  ['ReplacementRequired', 'the configuration changed', change(CONTENT, 'other configuration')(resting())],
  ['ChangesHeld', 'the account holds', fresh({ account: account({ held: 'UnprovenCredential' }) })],
  ['OwnershipConflict', 'another object has it', situation('recorded without mark, by an older object too')],
  ['MarkedElsewhere', 'another installation has it', situation('marked elsewhere')],
  ['DuplicateFound', 'a second sink carries our mark', situation('recorded and a duplicate')],
  ['DeletionBlocked', 'a person suspended it', object({ deleting: true, suspend: true })(resting())],
  ['ExternallyDeleted', 'the sink is made again', situation('recorded and gone'), created],
  ['WriteRefused', 'the API server refuses the journal', fresh(), REFUSED],
]
const SCENES = ROWS.map(([reason, how, o, outcome]) => ({ reason, how, o, outcome }))

describe('events', () => {
  it.each(SCENES)('tell $reason when $how, once', ({ reason, o, outcome }) => {
    const type = NORMAL_EVENTS.some((normal) => normal === reason) ? 'Normal' : 'Warning'
    expect(eventsOf(o, outcome).filter((event) => event === `${type} ${reason}`)).toHaveLength(1)
  })

  it('have each reason of the list that a pass can have, so that none is documented in vain', () => {
    const shown = new Set<string>(SCENES.map(({ reason }) => reason))
    // Told by the process that deletes the surplus, and by the one that has a rival: no reconcile decides it.
    const others = [...NORMAL_EVENTS, ...WARNING_EVENTS].filter((reason) => !shown.has(reason))
    expect(others).toEqual(['DuplicateDeleted', 'WriteContested'])
  })

  it.each(SCENES)('do not tell $reason again when the status was written', ({ reason, o, outcome }) => {
    const report = reportOf(o, outcome)
    if (report.effect !== 'none' || report.status === undefined) return
    expect(eventsOf(object({ status: report.status })(o))).not.toContain(`Warning ${reason}`)
  })

  it('are none at rest', () => {
    expect(reportOf(resting())).toMatchObject({ events: [], status: undefined })
  })

  it.each(SCENES)('of $reason quote neither configuration nor digest', ({ o, outcome }) => {
    const notes = JSON.stringify(reportOf(o, outcome).events)
    const secrets = Object.values(o.desired.configuration).filter((digest) => digest !== null)
    expect(secrets.filter((digest) => notes.includes(digest))).toEqual([])
    expect(notes).not.toContain('example.com')
  })
})

describe('an event that would be untrue', () => {
  it.each<[string, Observation, Outcome]>([
    ['a create that failed', fresh(), failed('transient')],
    ['an update that failed', drifted, failed('conflict')],
    ['what was decided on an old view', drifted, { kind: 'stale' }],
    ['an adoption decided on an old view', situation('successor'), { kind: 'stale' }],
    [
      'a farewell decided on an old view',
      object({ deleting: true })(situation('recorded and gone')),
      { kind: 'stale' },
    ],
    ['what may not be done yet', object({ deleting: true })(resting()), { kind: 'postponed', ms: 1000 }],
    ['a sink that was only looked at', object({ deleting: true })(situation('recorded, not seen')), DONE],
  ])('is not told: %s', (_, o, outcome) => {
    expect(eventsOf(o, outcome)).toEqual([])
  })

  it('is a deletion by somebody else when the first sink of an object is created', () => {
    expect(eventsOf(fresh(), created)).toEqual(['Normal SinkCreated'])
  })

  it('is the resumption before the sink has been looked at again, and it is one then', () => {
    const resumed = both(object({ generation: 3 }), suspendedBefore)(resting())
    expect(eventsOf(top({ snapshot: snapshot({ kind: 'none' }) })(resumed))).toEqual([])
    expect(eventsOf(resumed)).toEqual(['Normal Resumed'])
  })

  it('is the resumption of a suspended Sink that is being deleted', () => {
    const before = said({ observedGeneration: 2, conditions: ACTIVE })
    const o = both(object({ deleting: true, suspend: true, generation: 3 }), before)(resting())
    expect(eventsOf(o)).toEqual(['Warning DeletionBlocked'])
  })

  it('is a change of the status word when another sink has taken the place', () => {
    const o = situation('recorded, gone, successor')
    expect(eventsOf(said({ sinkStatus: 'failed' })(o), DONE)).toEqual(['Normal SinkAdopted'])
  })

  it('is the deletion of a sink that the object never had', () => {
    const { events } = reportOf(object({ deleting: true })(fresh()), DONE)
    expect(events).toHaveLength(1)
    expect(events[0]?.note).not.toContain('DG')
    const orphan = reportOf(object({ deleting: true, deletionPolicy: 'Orphan' })(fresh()), DONE)
    expect(orphan.events.map(({ reason }) => reason)).toEqual(['SinkOrphaned'])
    const known = reportOf(object({ deleting: true })(situation('recorded and gone')), DONE)
    expect(known.events[0]?.note).toContain(RECORDED.sid)
  })
})

it('tells a warning again when its reason changes, and not while it stays', () => {
  const blocked = (reason: string): Condition[] =>
    settledConditions(['Ready', 'False', 'Deleting'], ['DeletionBlocked', 'True', reason])
  const o = object({ deleting: true, suspend: true })(resting())
  expect(eventsOf(said({ conditions: blocked('SinkInUse') })(o))).toEqual(['Warning DeletionBlocked'])
  expect(eventsOf(said({ conditions: blocked('Suspended') })(o))).toEqual([])
})

it('has a Warning for reasons of Ready that exist', () => {
  expect(READY_WARNINGS.every((reason) => WARNING_EVENTS.includes(reason))).toBe(true)
})

function failed(kind: 'transient' | 'conflict'): Outcome {
  return { kind: 'failed', failure: { kind, message: 'no' } }
}
