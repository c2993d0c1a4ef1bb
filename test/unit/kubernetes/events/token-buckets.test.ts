import { expect, it } from 'vitest'
import { TokenBuckets } from '../../../../src/kubernetes/events/event-series.ts'

const SIZE = { burst: 3, refillMs: 100, maxKeys: 1000 }

it('gives a burst, then one token per refill', () => {
  const buckets = new TokenBuckets(SIZE)
  const taken = [0, 0, 0, 0, 99, 100, 100].map((now) => buckets.take('a', now))
  expect(taken).toEqual([true, true, true, false, false, true, false])
})

it('does not lose count of one key because others come and go', () => {
  const buckets = new TokenBuckets(SIZE)
  for (let n = 0; n < 3; n += 1) buckets.take('busy', 0)
  for (let n = 0; n < 50; n += 1) buckets.take(`other-${n}`, 1)
  expect(buckets.take('busy', 2)).toBe(false)
})
