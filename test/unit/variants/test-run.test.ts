import { describe, expect, it } from 'vitest'
import { verdictOf } from '../../faults/variants/result-table.ts'
import { titlePattern } from '../../faults/variants/test-name.ts'
import { endOf } from '../../faults/variants/test-run.ts'
import { editedText } from '../../faults/variants/variant.ts'

const TEST = { file: 'test/unit/a.test.ts', title: 'holds after %s' }

const report = (...tests: readonly (readonly [title: string, status: string, failure?: string])[]) => ({
  testResults: [
    {
      message: '',
      assertionResults: tests.map(([title, status, failure]) => ({
        title,
        status,
        failureMessages: failure === undefined ? [] : [failure],
      })),
    },
  ],
})

describe('the end of a test', () => {
  it.each([
    ['passed', 'passed', report(['holds after a', 'passed'], ['holds after b', 'passed'])],
    [
      'one row of several failed',
      'failed-by-assertion',
      report(['holds after a', 'passed'], ['holds after b', 'failed', 'AssertionError: expected 1 to be 2']),
    ],
    [
      'a wait ran out',
      'failed-by-assertion',
      report(['holds after a', 'failed', 'Error: Not seen within 5 ms: it']),
    ],
    [
      'a property has a counterexample',
      'failed-by-assertion',
      report(['holds after a', 'failed', 'Error: Property failed after 3 tests']),
    ],
    [
      'something else was thrown',
      'broken',
      report(['holds after a', 'failed', 'TypeError: x is not a function']),
    ],
    ['the test was skipped', 'broken', report(['holds after a', 'skipped'])],
    ['only others were run', 'broken', report(['something else', 'passed'])],
    [
      'the file could not be loaded',
      'broken',
      { testResults: [{ message: 'SyntaxError', assertionResults: [] }] },
    ],
  ])('is told from the report when %s: %s', (_, kind, seen) => {
    expect(endOf(seen, TEST).kind).toBe(kind)
  })
})

it.each([
  ['noticed', 'passed', 'failed-by-assertion'],
  ['NOT NOTICED', 'passed', 'passed'],
  ['BROKEN', 'passed', 'broken'],
  ['NO PASS BEFORE', 'failed-by-assertion', 'failed-by-assertion'],
  ['NO PASS BEFORE', 'broken', 'failed-by-assertion'],
] as const)('a variant is %s when its test %s before and %s with it', (verdict, before, ended) => {
  const end = (kind: typeof before) => (kind === 'passed' ? { kind } : { kind, because: '' })
  expect(verdictOf({ before: end(before), ended: end(ended) })).toBe(verdict)
})

it('a title with place-holders matches what they are filled with, and nothing longer', () => {
  const pattern = titlePattern({ file: '', title: '%s (a+b) of $name, $0' })
  expect(pattern.test('the end of one (a+b) of two, three')).toBe(true)
  expect(pattern.test('one (aab) of two, three')).toBe(false)
  expect(titlePattern({ file: '', title: 'ends here' }).test('ends here or there')).toBe(false)
})

describe('an edit', () => {
  const edit = { file: 'src/a.ts', find: 'b', replace: 'c' }
  it('changes what it finds', () => {
    expect(editedText('abd', edit)).toBe('acd')
  })
  it.each(['ad', 'abbd', 'abab'])('does not fit %j', (text) => {
    expect(() => editedText(text, edit)).toThrow('src/a.ts')
  })
  it('that changes nothing is none', () => {
    expect(() => editedText('abd', { ...edit, replace: 'b' })).toThrow('src/a.ts')
  })
})
