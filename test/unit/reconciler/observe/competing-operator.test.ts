import { expect, it } from 'vitest'
import { CREATE_ATTEMPT_ANNOTATION } from '../../../../src/api/group.ts'
import { parseSink } from '../../../../src/api/sink.ts'
import { competingOperator } from '../../../../src/reconciler/observe/cache-changes.ts'
import { formatAttempt, type CreateAttempt } from '../../../../src/external/create-attempt.ts'
import { KEY, sinkObject } from '../world.ts'

const JOURNAL: CreateAttempt = { uid: 'uid', attempt: 1, accountSid: 'AC', key: 'SK', times: [] }

/** The object with this journal; its UID is `uid` unless said. */
function held(journal: Partial<CreateAttempt> | undefined, uid = 'uid') {
  const annotations =
    journal === undefined ? {} : { [CREATE_ATTEMPT_ANNOTATION]: formatAttempt({ ...JOURNAL, ...journal }) }
  const read = parseSink(sinkObject({ metadata: { uid, annotations } }))
  if (!read.ok) throw new Error(read.problem)
  return { readable: true, key: KEY, object: read.sink } as const
}

it.each([
  ['a claim of another namespace', held(undefined), held({ operator: 'other' }), 'other'],
  ['a later one', held({ operator: 'own' }), held({ operator: 'other', attempt: 2 }), 'other'],
  ['our own', held(undefined), held({ operator: 'own' }), undefined],
  ['one that says no namespace', held(undefined), held({}), undefined],
  ['one that was there before', held({ operator: 'other' }), held({ operator: 'other' }), undefined],
  ['one at first sight', undefined, held({ operator: 'other' }), undefined],
  ['one that was copied', held(undefined), held({ operator: 'other', uid: 'else' }), undefined],
  ['one of an object that came in its place', held(undefined, 'old'), held({ operator: 'other' }), undefined],
  ['one that has left', held({ operator: 'other' }), undefined, undefined],
])('%s', (_, before, after, operator) => {
  expect(competingOperator({ key: KEY, before, after, born: false }, 'own')).toBe(operator)
})
