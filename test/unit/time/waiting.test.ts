import { describe, expect, test } from 'vitest'
import { backoffMs } from '../../../src/time/waiting.ts'

const BACKOFF = { firstMs: 100, longestMs: 5000, jitter: 0.2 }
const FAILURES = Array.from({ length: 3000 }, (_, index) => index + 1)

describe('backoff', () => {
  test('doubles with each failure up to its bound, so that an outage is not answered with load', () => {
    expect(FAILURES.slice(0, 8).map((failures) => backoffMs(BACKOFF, failures))).toEqual([
      100, 200, 400, 800, 1600, 3200, 5000, 5000,
    ])
  })

  test('never waits less than the first delay and never more than the bound, whatever chance says', () => {
    const delays = FAILURES.map((failures) => backoffMs(BACKOFF, failures, 0.999))
    expect(delays[0]).toBeGreaterThan(100)
    expect(delays[0]).toBeLessThan(120.1)
    expect(Math.max(...delays)).toBe(5000)
  })
})
