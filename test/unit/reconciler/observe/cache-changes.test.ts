import { describe, expect, it } from 'vitest'
import { CREATE_ATTEMPT_ANNOTATION, FINALIZER } from '../../../../src/api/group.ts'
import { parseSink, type Sink } from '../../../../src/api/sink.ts'
import type { CachedObject } from '../../../../src/reconciler/ports.ts'
import { competingOperator, concernsSink } from '../../../../src/reconciler/observe/cache-changes.ts'
import { formatAttempt, type CreateAttempt } from '../../../../src/external/create-attempt.ts'
import { KEY, sinkObject } from '../world.ts'

const JOURNAL: CreateAttempt = { uid: 'uid', attempt: 1, accountSid: 'AC', key: 'SK', times: [] }

/** The object with this journal; its UID is `uid` unless said. */
function held(journal: Partial<CreateAttempt> | undefined, uid = 'uid') {
  const annotations =
    journal === undefined ? {} : { [CREATE_ATTEMPT_ANNOTATION]: formatAttempt({ ...JOURNAL, ...journal }) }
  const read = parseSink(sinkObject({ metadata: { uid, annotations } }))
  if (!read.readable) throw new Error(read.problem)
  return { readable: true, key: KEY, object: read.object } as const
}

describe('another operator that creates', () => {
  it.each([
    ['a claim of another namespace', held(undefined), held({ operator: 'other' }), 'other'],
    ['a later one', held({ operator: 'own' }), held({ operator: 'other', attempt: 2 }), 'other'],
    ['our own', held(undefined), held({ operator: 'own' }), undefined],
    ['one that says no namespace', held(undefined), held({}), undefined],
    ['one that was there before', held({ operator: 'other' }), held({ operator: 'other' }), undefined],
    ['one at first sight', undefined, held({ operator: 'other' }), undefined],
    ['one that was copied', held(undefined), held({ operator: 'other', uid: 'else' }), undefined],
    [
      'one of an object that came in its place',
      held(undefined, 'old'),
      held({ operator: 'other' }),
      undefined,
    ],
    ['one that has left', held({ operator: 'other' }), undefined, undefined],
  ])('%s', (_, before, after, operator) => {
    expect(competingOperator({ key: KEY, before, after, born: false }, 'own')).toBe(operator)
  })
})

describe('a change of a Sink', () => {
  const sink = (by: Parameters<typeof sinkObject>[0] = {}) => {
    const read = parseSink(sinkObject(by))
    if (!read.readable) throw new Error(read.problem)
    return { readable: true, key: KEY, object: read.object } as const
  }
  const concerns = (before: CachedObject<Sink> | undefined, after: CachedObject<Sink> | undefined) =>
    concernsSink({ key: KEY, before, after, born: false })

  it('of its labels alone needs no reconcile', () => {
    const labelled = sink({ metadata: { resourceVersion: '1', labels: { team: 'shop' } } })
    expect(concerns(sink(), labelled)).toBe(false)
  })

  it('of finalizers of others alone needs none, and is no contest about ours', () => {
    expect(concerns(sink(), sink({ metadata: { finalizers: ['other/one'] } }))).toBe(false)
  })

  it.each([
    ['spec', { spec: { suspend: true } }],
    ['status, which somebody has written by hand', { status: { sid: `DG${'1'.repeat(32)}` } }],
    ['annotations, with which people ask', { metadata: { annotations: { asked: 'now' } } }],
    ['own finalizer', { metadata: { finalizers: [FINALIZER] } }],
    ['deletion', { metadata: { deletionTimestamp: '2026-11-24T12:00:00Z' } }],
    ['generation', { metadata: { generation: 2 } }],
    ['UID: another object in its place', { metadata: { uid: 'other' } }],
  ])('of its %s does', (_, by) => {
    expect(concerns(sink(), sink(by))).toBe(true)
  })

  it('that comes, goes or cannot be read does', () => {
    const facts = { key: KEY, uid: 'uid', generation: 1, resourceVersion: '1' }
    const unreadable = { ...facts, readable: false, problem: 'x', partial: undefined } as const
    for (const other of [undefined, unreadable]) {
      expect(concerns(sink(), other)).toBe(true)
      expect(concerns(other, sink())).toBe(true)
    }
  })
})
