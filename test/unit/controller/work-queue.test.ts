import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WorkQueue, type WorkQueueOptions } from '../../../src/controller/work-queue.ts'
import { createManualTime } from '../time/manual-time.ts'

function setUp(options: Partial<WorkQueueOptions> = {}) {
  const time = createManualTime()
  const backoff = { firstMs: 100, longestMs: 1000 }
  return { time, queue: new WorkQueue({ clock: time, timers: time, backoff, random: () => 0, ...options }) }
}

async function drain(queue: WorkQueue, count: number): Promise<(string | undefined)[]> {
  const keys: (string | undefined)[] = []
  for (let i = 0; i < count; i += 1) {
    const key = await queue.next()
    keys.push(key)
    if (key !== undefined) queue.done(key)
  }
  return keys
}

describe('work queue', () => {
  test('makes one pass of many additions, because a pass looks at the present', async () => {
    const { queue } = setUp()
    for (let i = 0; i < 10; i += 1) queue.add('a')
    expect(await queue.next()).toBe('a')
    expect(queue.gauges().depth).toEqual({ high: 0, low: 0 })
  })

  test('brings a key back that changed during its pass, and only afterwards', async () => {
    const { queue } = setUp()
    queue.add('a')
    await queue.next()
    queue.add('a')
    queue.add('a')
    let again: string | undefined
    void queue.next().then((key) => (again = key))
    await Promise.resolve()
    expect(again).toBeUndefined()
    queue.done('a')
    await Promise.resolve()
    expect(again).toBe('a')
  })

  test('hands an added key to a worker that waits already', async () => {
    const { queue } = setUp()
    const waiting = queue.next()
    queue.add('a')
    expect(await waiting).toBe('a')
  })

  test('keeps the earliest of several timers', async () => {
    const { queue, time } = setUp()
    queue.addAfter('a', 500)
    queue.addAfter('a', 200)
    queue.addAfter('a', 900)
    time.advance(199)
    expect(queue.gauges()).toMatchObject({ depth: { low: 0 }, delayed: 1 })
    time.advance(1)
    expect(queue.gauges()).toMatchObject({ depth: { low: 1 }, delayed: 0 })
  })

  test('drops the timer of a key when its pass begins, since that pass says when to come again', async () => {
    const { queue, time } = setUp()
    queue.addAfter('a', 500)
    queue.add('a')
    expect(await drain(queue, 1)).toEqual(['a'])
    time.advance(1000)
    expect(queue.gauges()).toMatchObject({ depth: { high: 0, low: 0 }, delayed: 0 })
  })

  test('serves what a person changed before ten thousand polls', async () => {
    const { queue } = setUp()
    for (let i = 0; i < 10_000; i += 1) queue.add(`poll-${i}`, 'low')
    queue.add('change')
    expect(await drain(queue, 1)).toEqual(['change'])
  })

  test('raises a waiting poll to the priority of a change, and never lowers one', async () => {
    const { queue } = setUp()
    queue.add('other', 'low')
    queue.add('a', 'low')
    queue.add('a', 'high')
    queue.add('a', 'low')
    expect(queue.gauges().depth).toEqual({ high: 1, low: 1 })
    expect(await drain(queue, 2)).toEqual(['a', 'other'])
  })

  test('lets polls make progress under an endless stream of changes', async () => {
    const { queue } = setUp()
    queue.add('poll', 'low')
    for (let i = 0; i < 20; i += 1) queue.add(`change-${i}`)
    expect(await drain(queue, 8)).toContain('poll')
  })

  test('retries with the priority that the key was handed out with', async () => {
    const { queue, time } = setUp()
    queue.add('poll', 'low')
    queue.add('change', 'high')
    for (const key of [await queue.next(), await queue.next()]) {
      queue.retry(key!)
      queue.done(key!)
    }
    time.advance(100)
    expect(queue.gauges().depth).toEqual({ high: 1, low: 1 })
  })

  test('counts the failures of each key by itself, until it is forgotten: one broken object says nothing of others', () => {
    const { queue } = setUp()
    for (const key of ['a', 'a', 'b', 'c']) queue.retry(key)
    queue.forget('c')
    expect(['a', 'b', 'c'].map((key) => queue.failures(key))).toEqual([2, 1, 0])
  })

  test('takes the groups in turn, so that a full account does not delay a small one', async () => {
    const { queue } = setUp({ groupOf: (key) => key[0]! })
    for (let i = 0; i < 100; i += 1) queue.add(`a${i}`)
    queue.add('b0')
    queue.add('b1')
    expect(await drain(queue, 4)).toEqual(['a0', 'b0', 'a1', 'b1'])
  })

  test('leaves workers to others when one group is slow', async () => {
    const { queue } = setUp({ groupOf: (key) => key[0]!, maxActivePerGroup: 2 })
    for (let i = 0; i < 10; i += 1) queue.add(`a${i}`)
    const slow = [await queue.next(), await queue.next()]
    const third = queue.next()
    queue.add('b0')
    expect(await third).toBe('b0')
    const fourth = queue.next()
    queue.done(slow[0]!)
    expect(await fourth).toBe('a2')
  })

  test('releases every worker at shutdown and takes nothing afterwards', async () => {
    const { queue, time } = setUp()
    const waiting = [queue.next(), queue.next()]
    queue.addAfter('a', 10)
    queue.shutDown()
    queue.add('b')
    time.advance(100)
    expect(await Promise.all(waiting)).toEqual([undefined, undefined])
    expect(await queue.next()).toBeUndefined()
  })

  test('reports how long keys waited and were worked on', async () => {
    const seen: [string, number][] = []
    const { queue, time } = setUp({
      observer: {
        added: () => seen.push(['added', 0]),
        retried: () => seen.push(['retried', 0]),
        waited: (ms) => seen.push(['waited', ms]),
        worked: (ms) => seen.push(['worked', ms]),
      },
    })
    queue.add('a')
    queue.add('a')
    time.advance(30)
    await queue.next()
    time.advance(2000)
    expect(queue.gauges()).toMatchObject({ unfinishedWorkSeconds: 2, longestRunningSeconds: 2 })
    queue.retry('a')
    queue.done('a')
    expect(seen).toEqual([
      ['added', 0],
      ['waited', 30],
      ['retried', 0],
      ['worked', 2000],
    ])
  })
})

type Step =
  | { do: 'add'; key: string; priority: 'high' | 'low' }
  | { do: 'after'; key: string; ms: number }
  | { do: 'take' }
  | { do: 'done'; index: number }
  | { do: 'advance'; ms: number }

const key = fc.constantFrom('a1', 'a2', 'a3', 'b1', 'b2', 'c1')
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    key,
    priority: fc.constantFrom('high' as const, 'low' as const),
  }),
  fc.record({ do: fc.constant('after' as const), key, ms: fc.integer({ min: 0, max: 50 }) }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('done' as const), index: fc.nat(5) }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 60 }) }),
)

describe('work queue under any order of steps', () => {
  test('never gives one key to two workers, holds the limit of a group and loses nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { queue, time } = setUp({ groupOf: (k) => k[0]!, maxActivePerGroup: 2 })
        const held: string[] = []
        /** Keys that must be handed out once more. */
        const owed = new Set<string>()
        const violations: string[] = []
        let asking = 0
        const take = (): void => {
          asking += 1
          void queue.next().then((k) => {
            asking -= 1
            if (k === undefined) return
            if (held.includes(k)) violations.push(`${k} is handed out twice`)
            held.push(k)
            if (held.filter((h) => h[0] === k[0]).length > 2) violations.push(`too many of ${k[0]}`)
            owed.delete(k)
          })
        }
        const perform = (s: Step): void => {
          if (s.do === 'add') queue.add(s.key, s.priority)
          if (s.do === 'add') owed.add(s.key)
          if (s.do === 'after') queue.addAfter(s.key, s.ms)
          if (s.do === 'after') owed.add(s.key)
          if (s.do === 'take') take()
          if (s.do === 'done') for (const k of held.splice(s.index, 1)) queue.done(k)
          if (s.do === 'advance') time.advance(s.ms)
        }
        for (const s of steps) {
          perform(s)
          await Promise.resolve()
          await Promise.resolve()
        }
        time.advance(1000)
        for (let round = 0; round < 40; round += 1) {
          if (asking === 0) take()
          await new Promise((resolve) => setImmediate(resolve))
          for (const k of held.splice(0)) queue.done(k)
        }
        expect({ violations, owed: [...owed] }).toEqual({ violations: [], owed: [] })
      }),
      { numRuns: 150 },
    )
  })

  test('serves each group as often as the others while all have work', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 5, max: 40 }), { minLength: 2, maxLength: 6 }),
        async (sizes) => {
          const { queue } = setUp({ groupOf: (k) => k.split('-')[0]! })
          sizes.forEach((size, group) => {
            for (let i = 0; i < size; i += 1) queue.add(`${group}-${i}`)
          })
          const served = await drain(queue, 5 * sizes.length)
          const perGroup = sizes.map((_, group) => served.filter((k) => k?.startsWith(`${group}-`)).length)
          expect(new Set(perGroup)).toEqual(new Set([5]))
        },
      ),
      { numRuns: 50 },
    )
  })
})
