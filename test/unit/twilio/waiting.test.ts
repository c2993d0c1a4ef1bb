import { describe, expect, it } from 'vitest'
import { backoffMs } from '../../../src/time/waiting.ts'
import { REPEAT, THROTTLED } from '../../../src/twilio/caller.ts'
import { createPause } from '../../../src/twilio/limits.ts'
import { LONGEST_RETRY_AFTER_MS, retryAfterMs } from '../../../src/twilio/retry-after.ts'

const now = Date.parse('2026-01-01T00:00:00Z')

describe('Retry-After', () => {
  it.each<[string | undefined, number | undefined]>([
    ['0', 0],
    ['7', 7_000],
    [' 7 ', 7_000],
    ['1.5', 1_500],
    ['86400', LONGEST_RETRY_AFTER_MS],
    ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['Fri, 01 Jan 2027 00:00:00 GMT', LONGEST_RETRY_AFTER_MS],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j asks for %j ms', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected)
  })
})

describe('backoff', () => {
  it.each([THROTTLED, REPEAT])('begins at its first value, grows and ends at its longest (%j)', (backoff) => {
    for (const random of [0, 0.5, 0.999]) {
      const waits = Array.from({ length: 12 }, (_one, index) => backoffMs(backoff, index + 1, random))
      expect(waits[0]).toBeGreaterThanOrEqual(backoff.firstMs)
      expect([...waits].sort((a, b) => a - b)).toEqual(waits)
      expect(waits.at(-1)).toBe(backoff.longestMs)
    }
  })
})

describe('a pause', () => {
  it('is extended and never shortened', () => {
    let time = 0
    const pause = createPause(() => time)
    expect(pause.remainingMs()).toBe(0)
    pause.atLeast(1_000)
    pause.atLeast(10)
    time = 400
    expect(pause.remainingMs()).toBe(600)
    time = 1_001
    expect(pause.remainingMs()).toBe(0)
  })
})
