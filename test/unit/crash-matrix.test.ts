import { describe, expect, test } from 'vitest'
import { cellOf, parseCell } from '../faults/crash/cell.ts'
import { FAULTS } from '../faults/crash/faults.ts'
import { judge, type Sight } from '../faults/crash/oracle.ts'
import { planOf, sampleOf } from '../faults/crash/plan.ts'
import { requestsOf } from '../faults/crash/request-list.ts'
import type { Goal, CrashStage } from '../faults/crash/scenario.ts'
import { watchStalls } from '../faults/crash/stall.ts'

const names = (...all: string[]) => all.map((name) => ({ name }))

describe('the requests of a scenario', () => {
  test('are those that every run without a fault has, in the order of the first', () => {
    const runs = [
      names('twilio:CREATE:Sinks', 'kubernetes:PATCH:sinks.status', 'kubernetes:POST:events'),
      names('kubernetes:PATCH:sinks.status', 'twilio:CREATE:Sinks', 'kubernetes:PATCH:sinks.status'),
    ]
    expect(requestsOf(runs)).toEqual([
      { name: 'twilio:CREATE:Sinks', ordinal: 1 },
      { name: 'kubernetes:PATCH:sinks.status', ordinal: 1 },
    ])
  })

  test('have the first two LISTs of all that polls repeat, and nothing that comes in its own time', () => {
    const polls = Array.from({ length: 5 }, () => 'twilio:LIST:Sinks')
    const run = names(...polls, 'kubernetes:BOOKMARK:sinks', 'kubernetes:PATCH:leases')
    expect(requestsOf([run, run]).map(({ ordinal }) => ordinal)).toEqual([1, 2])
  })
})

describe('the plan', () => {
  const lists = Object.fromEntries(
    ['a', 'b', 'c'].map((name) => [
      name,
      [
        { name: 'twilio:CREATE:Sinks', ordinal: 1 },
        { name: 'kubernetes:EVENT:sinks', ordinal: 2 },
      ],
    ]),
  )
  const cells = planOf(lists, FAULTS)

  test('has each fault that applies, and each cell can be called by its name', () => {
    const faults = cells
      .filter(({ id }) => id.startsWith('a/twilio:CREATE:Sinks#1/'))
      .map(({ fault }) => fault)
    expect(faults).toContain('timeout-late')
    expect(faults).not.toContain('watch-frozen')
    expect(cells.map(({ id }) => parseCell(id))).toEqual(cells)
    expect(parseCell('a/b')).toBeUndefined()
    expect(cellOf('a', { name: 'b:C:d', ordinal: 3 }, 'e').id).toBe('a/b:C:d#3/e')
  })

  test('is sampled the same way for the same seed, and meets every scenario and fault early', () => {
    const sample = sampleOf(cells, FAULTS.length, 'seed')
    expect(sampleOf(cells, FAULTS.length, 'seed')).toEqual(sample)
    expect(sampleOf(cells, FAULTS.length, 'other')).not.toEqual(sample)
    expect(new Set(sample.map(({ scenario }) => scenario)).size).toBe(3)
    expect(new Set(sample.map(({ fault }) => fault)).size).toBeGreaterThan(FAULTS.length * 0.8)
  })
})

describe('the oracle', () => {
  const sink = (sid: string, description = 'Events of run') => ({
    account: 'AC',
    sid,
    description,
    sinkType: 'webhook',
    configuration: {},
    status: 'active',
    testId: null,
    dateCreated: '',
    dateUpdated: '',
    subscriptions: [],
  })
  const object = {
    metadata: { name: 'run', uid: 'u', resourceVersion: '1', generation: 1 },
    spec: { description: 'Events of run' },
    status: {
      sid: 'DG1',
      observedGeneration: 1,
      conditions: [{ type: 'Ready', status: 'True', reason: 'Active', message: '' }],
    },
  }
  const LIVING: Goal = { object: 'ready', sinks: 1, creates: 1, deletes: 0 }
  const DELETED: Goal = { object: 'gone', sinks: 0, creates: 1, deletes: 1 }
  const ORPHANED: Goal = { object: 'gone', sinks: 1, creates: 1, deletes: 0 }
  const FOREIGN = [sink('DG9', 'Made by hand')]
  const sight = (change: Partial<Sight>): Sight => ({
    object,
    own: [sink('DG1')],
    foreign: FOREIGN,
    strange: [],
    ...change,
  })

  function found(goal: Goal, after: Partial<Sight>, expected?: string, operations: readonly string[] = []) {
    const calls = operations.map((operation) => ({ operation, committed: true }))
    const stage = { expected: () => expected } as CrashStage
    const all = judge({ stage, goal, before: sight({}), after: sight(after), calls: calls as never })
    return [all.duplicates, all.leaks, all.wrongDeletions, all.others.length]
  }

  const GONE = { object: undefined, own: [] }
  test.each<[string, ...Parameters<typeof found>]>([
    ['a living object with its sink', LIVING, {}],
    ['a deleted object without one', DELETED, GONE],
    ['an orphaned sink', ORPHANED, { object: undefined }],
  ])('finds nothing wrong with %s', (_, ...given) => {
    expect(found(...given)).toEqual([0, 0, 0, 0])
  })

  test.each<[string, number[], ...Parameters<typeof found>]>([
    ['a second sink', [1, 0, 0, 1], LIVING, { own: [sink('DG1'), sink('DG2')] }],
    [
      'a second create, even when it was undone',
      [1, 0, 0, 0],
      LIVING,
      {},
      'DG1',
      ['CreateSink', 'CreateSink'],
    ],
    ['a sink that outlives its object', [0, 1, 0, 1], DELETED, { object: undefined }],
    ['a delete that nobody asked for', [0, 0, 1, 0], LIVING, {}, 'DG1', ['DeleteSink']],
    ['an orphan that is gone', [0, 0, 1, 1], ORPHANED, GONE],
    ['a foreign sink that is gone', [0, 0, 1, 0], LIVING, { foreign: [] }],
    ['a foreign sink that was changed', [0, 0, 1, 0], LIVING, { foreign: [sink('DG9', 'Mine now')] }],
    ['another sink than before', [0, 0, 0, 1], LIVING, {}, 'DG7'],
    ['a sink of nobody', [0, 0, 0, 1], LIVING, { strange: [sink('DG8', 'What is this')] }],
    ['an object without its sink', [0, 0, 0, 1], LIVING, { own: [] }],
    ['a SID that is not recorded', [0, 0, 0, 1], LIVING, { own: [sink('DG5')] }],
    ['an old description', [0, 0, 0, 1], LIVING, { own: [sink('DG1', 'Old')] }],
    ['an object that stays', [0, 0, 0, 1], DELETED, {}],
  ])('counts %s', (_, counts, ...given) => {
    expect(found(...given)).toEqual(counts)
  })
})

test('a stall is seen, also one that has not let any timer in', () => {
  const stalls = watchStalls()
  const end = performance.now() + 300
  while (performance.now() < end);
  expect(stalls.end()).toBeGreaterThanOrEqual(200)
})
