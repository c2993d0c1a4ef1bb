import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatAttempt,
  parseAttempt,
  REMEMBERED_ATTEMPTS,
  settleTimes,
  type CreateAttempt,
} from '../../../src/external/create-attempt.ts'
import { LARGEST_NUMBER, markedDescription, ownerOf, readMark } from '../../../src/external/ownership-mark.ts'

const JOURNAL: CreateAttempt = {
  uid: 'u',
  attempt: 3,
  accountSid: 'AC1',
  key: 'SK1',
  times: ['2026-11-24T10:00:00Z'],
}
const journals = fc.record({
  uid: fc.string(),
  attempt: fc.integer({ min: 1, max: LARGEST_NUMBER - 1 }),
  accountSid: fc.string(),
  key: fc.string(),
  times: fc.array(fc.string(), { maxLength: REMEMBERED_ATTEMPTS }),
})

it('reads back what was written, since whoever comes next knows of the POST by it alone', () => {
  fc.assert(
    fc.property(journals, (journal) => {
      expect(parseAttempt(formatAttempt(journal))).toEqual(journal)
    }),
  )
  const whole = { ...JOURNAL, generation: 7, operator: 'operators' }
  expect(parseAttempt(formatAttempt(whole))).toEqual(whole)
})

it('survives whatever people write into the annotation', () => {
  const shapes = fc.record(
    {
      uid: fc.anything(),
      attempt: fc.anything(),
      accountSid: fc.anything(),
      key: fc.anything(),
      times: fc.anything(),
    },
    { requiredKeys: [] },
  )
  const annotations = fc.oneof(
    fc.string(),
    fc.json(),
    shapes.map((shape) =>
      JSON.stringify(shape, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value)),
    ),
  )
  fc.assert(
    fc.property(annotations, (annotation) => {
      const found = parseAttempt(annotation)
      if (found === undefined) return
      expect(Number.isSafeInteger(found.attempt)).toBe(true)
      expect(found.times.every((time) => typeof time === 'string')).toBe(true)
    }),
  )
})

it.each([
  ['no annotation', undefined],
  ['no JSON', 'uid'],
  ['null', 'null'],
  ['a list', '[1]'],
  ['no uid', JSON.stringify({ ...JOURNAL, uid: 1 })],
  ['no account', JSON.stringify({ ...JOURNAL, accountSid: undefined })],
  ['no key', JSON.stringify({ ...JOURNAL, key: null })],
  ['a number that is none', JSON.stringify({ ...JOURNAL, attempt: '3' })],
  ['number 0', JSON.stringify({ ...JOURNAL, attempt: 0 })],
  ['half a number', JSON.stringify({ ...JOURNAL, attempt: 1.5 })],
  ['a number after which no mark is left', JSON.stringify({ ...JOURNAL, attempt: LARGEST_NUMBER })],
])('is not found in %s', (_, annotation) => {
  expect(parseAttempt(annotation)).toBeUndefined()
})

it('leads to a mark that is read, even after the largest number', () => {
  const last = parseAttempt(JSON.stringify({ ...JOURNAL, attempt: LARGEST_NUMBER - 1 }))
  const number = (last?.attempt ?? 0) + 1
  expect(readMark(markedDescription('Orders', { ...ownerOf('i', 'a/b'), number })).mark?.number).toBe(number)
})

it('remembers the last times only, and only those that are texts', () => {
  const times = ['a', 1, 'b', null, 'c', 'd']
  expect(parseAttempt(JSON.stringify({ ...JOURNAL, times }))?.times).toEqual(['b', 'c', 'd'])
  expect(parseAttempt(JSON.stringify({ ...JOURNAL, times: 'a' }))?.times).toEqual([])
})

it('is none when it is longer than any of ours, and holds no long text: people can write anything there', () => {
  const written = JSON.stringify({ uid: 'u', attempt: 3, accountSid: 'AC1', key: 'SK1', times: [] })
  expect(parseAttempt(written)).toBeDefined()
  expect(parseAttempt(`${written}${' '.repeat(250_000)}`)).toBeUndefined()
  expect(parseAttempt(written.replace('SK1', 'x'.repeat(300)))).toBeUndefined()
  expect(parseAttempt(written.replace('[]', `["${'x'.repeat(300)}"]`))?.times).toEqual([])
})

describe('how long an attempt without an answer is waited for', () => {
  const at = (minute: number): string => new Date(Date.UTC(2026, 10, 24, 12, minute)).toISOString()

  it.each<[string, readonly string[], number]>([
    ['one settle time at first', [at(0)], 1],
    ['twice as long after another one', [at(0), at(1)], 2],
    ['four times as long after two', [at(0), at(1), at(3)], 4],
    ['no longer for those of an hour ago', [at(0), at(1), at(61)], 1],
    ['no longer than after three, whatever a person writes', [at(0), at(1), at(2), at(3), at(4)], 4],
    ['no longer for a time that is none, or is later', ['never', at(59), at(1)], 1],
    ['one settle time where nothing is known', [], 1],
  ])('is %s', (_, times, settleTimesLong) => {
    expect(settleTimes(times)).toBe(settleTimesLong)
  })
})
