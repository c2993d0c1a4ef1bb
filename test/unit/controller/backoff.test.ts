import { describe, expect, test } from 'vitest'
import { createBackoff } from '../../../src/controller/backoff.ts'

const backoff = (random: () => number) => createBackoff({ baseMs: 100, maxMs: 5000, jitter: 0.2, random })

describe('backoff', () => {
  test('doubles with each failure up to its bound, so that an outage is not answered with load', () => {
    const series = backoff(() => 0)
    expect(Array.from({ length: 8 }, () => series.next('a'))).toEqual([
      100, 200, 400, 800, 1600, 3200, 5000, 5000,
    ])
  })

  test('counts each key by itself, because one broken object says nothing about the others', () => {
    const series = backoff(() => 0)
    series.next('a')
    series.next('a')
    expect(series.next('b')).toBe(100)
    expect([series.failures('a'), series.failures('b'), series.failures('c')]).toEqual([2, 1, 0])
  })

  test('begins anew once a key is forgotten', () => {
    const series = backoff(() => 0)
    series.next('a')
    series.next('a')
    series.forget('a')
    expect(series.next('a')).toBe(100)
  })

  test('never waits less than the base and never more than the bound, whatever chance says', () => {
    const series = backoff(() => 0.999)
    const delays = Array.from({ length: 3000 }, () => series.next('a'))
    expect(delays[0]).toBeGreaterThan(100)
    expect(delays[0]).toBeLessThan(120.1)
    expect(Math.max(...delays)).toBe(5000)
  })
})
