import { expect, it } from 'vitest'
import { Repetitions } from '../../../../src/reconciler/memory/repetitions.ts'

const HOUR = 3_600_000
const repetitions = () => new Repetitions(600_000)

it('counts what happens to an object again, and begins anew after a break or when it is over', () => {
  const own = repetitions()
  const counts = [0, 1_000, 600_000, 1_200_001].map((at) => own.note('a', 'refused', at).count)
  expect(counts).toEqual([1, 2, 3, 1])
  own.end('a')
  expect(own.count('a')).toBe(0)
})

it('is told once, and again when it is something else or an hour has passed', () => {
  const own = repetitions()
  const told: [number, string][] = []
  for (let at = 0; at <= 2 * HOUR; at += 300_000)
    for (const what of at === 900_000 ? ['another'] : ['refused'])
      if (own.note('a', what, at).tell) told.push([at, what])
  expect(told).toEqual([
    [0, 'refused'],
    [900_000, 'another'],
    [1_200_000, 'refused'],
    [1_200_000 + HOUR, 'refused'],
  ])
})

it('tells other words only after a while, where whoever chooses them may change them each time', () => {
  const own = new Repetitions(600_000, 60_000)
  const told: number[] = []
  for (let at = 0; at < 180_000; at += 100) if (own.note('a', `by ${at}`, at).tell) told.push(at)
  expect(told).toEqual([0, 60_000, 120_000])
})

it('is told only from as many on as are asked for', () => {
  const own = repetitions()
  expect([1, 2, 3, 4].map((at) => own.note('a', 'changed', at, 3).tell)).toEqual([false, false, true, false])
})

it('keeps objects apart, and remembers none of which nothing is heard', () => {
  const own = repetitions()
  own.note('a', 'refused', 0)
  expect(own.note('b', 'refused', 700_000)).toEqual({ count: 1, tell: true })
  expect(own.count('a'), 'its memory is given back').toBe(0)
})
