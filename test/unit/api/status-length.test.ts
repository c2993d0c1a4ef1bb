import { expect, test } from 'vitest'
import { cut, STATUS_MAX_LENGTH } from '../../../src/api/status-length.ts'

const MAX = STATUS_MAX_LENGTH.sinkStatus

test('a text that fits is left alone', () => {
  expect(cut('active', 'sinkStatus')).toBe('active')
  expect(cut('x'.repeat(MAX), 'sinkStatus')).toBe('x'.repeat(MAX))
})

test('a text that is too long fits afterwards and shows that it was cut', () => {
  const shorter = cut('x'.repeat(MAX + 1), 'sinkStatus')
  expect([...shorter]).toHaveLength(MAX)
  expect(shorter.endsWith('…')).toBe(true)
})

test('characters outside the basic plane count once, as the API server counts, and are not split', () => {
  expect(cut('😀'.repeat(MAX), 'sinkStatus')).toBe('😀'.repeat(MAX))
  expect(cut('😀'.repeat(MAX + 1), 'sinkStatus')).toBe(`${'😀'.repeat(MAX - 1)}…`)
})

test('half a character, which JSON of the API server would not take, is replaced', () => {
  expect(cut('a\ud83d', 'sinkStatus').isWellFormed()).toBe(true)
})
