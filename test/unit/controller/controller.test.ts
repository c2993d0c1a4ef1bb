import { describe, expect, test } from 'vitest'
import {
  Controller,
  type ControllerOptions,
  type ReconcileResult,
} from '../../../src/controller/controller.ts'
import { WorkQueue } from '../../../src/controller/work-queue.ts'
import { createManualTime } from '../time/manual-time.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

function setUp(reconcile: ControllerOptions['reconcile'], options: Partial<ControllerOptions> = {}) {
  const time = createManualTime()
  const backoff = { firstMs: 100, longestMs: 1000 }
  const queue = new WorkQueue({ clock: time, timers: time, backoff, random: () => 0 })
  const end = new AbortController()
  const controller = new Controller({
    queue,
    reconcile,
    concurrency: 2,
    reconcileTimeoutMs: 60_000,
    drainMs: 20_000,
    clock: time,
    timers: time,
    ...options,
  })
  return { time, queue, end, stopped: controller.start(end.signal) }
}

describe('controller', () => {
  test.each<[ReconcileResult, { delayed: number; passes: number; failures: number }]>([
    [{ kind: 'change' }, { delayed: 0, passes: 1, failures: 0 }],
    [
      { kind: 'after', ms: 50 },
      { delayed: 1, passes: 1, failures: 0 },
    ],
    [{ kind: 'now' }, { delayed: 0, passes: 2, failures: 0 }],
    [{ kind: 'retry' }, { delayed: 1, passes: 1, failures: 1 }],
  ])('turns %o into one operation of the queue', async (first, expected) => {
    let passes = 0
    const { queue } = setUp(async () => {
      passes += 1
      return passes === 1 ? first : { kind: 'change' }
    })
    queue.add('a')
    await turn()
    expect({ delayed: queue.gauges().delayed, passes, failures: queue.failures('a') }).toEqual(expected)
  })

  test('begins anew with short delays once a pass has ended well', async () => {
    const results: ReconcileResult['kind'][] = ['retry', 'retry', 'change', 'retry']
    const { queue, time } = setUp(async () => {
      const kind = results.shift()
      return kind === 'retry' ? { kind } : { kind: 'change' }
    })
    queue.add('a')
    await turn()
    time.advance(100)
    await turn()
    expect(queue.failures('a')).toBe(2)
    time.advance(200)
    await turn()
    expect(queue.failures('a')).toBe(0)
    queue.add('a')
    await turn()
    expect(queue.failures('a')).toBe(1)
  })

  test('lets the delays of a key grow whose passes want another one at once without end', async () => {
    let passes = 0
    const { queue, time } = setUp(async () => {
      passes += 1
      return { kind: 'now' }
    })
    queue.add('a')
    for (let turns = 0; turns < 50; turns += 1) await turn()
    const atFirst = passes
    expect(atFirst).toBeLessThan(20)
    for (const [ms, failures] of [
      [100, 2],
      [200, 3],
      [400, 4],
    ] as const) {
      time.advance(ms)
      for (let turns = 0; turns < 5; turns += 1) await turn()
      expect(queue.failures('a')).toBe(failures)
    }
    expect(passes).toBe(atFirst + 3)
  })

  test('counts only passes in a row: one that is content begins anew', async () => {
    let passes = 0
    const { queue } = setUp(async () => {
      passes += 1
      return passes % 8 === 0 ? { kind: 'change' } : { kind: 'now' }
    })
    for (let rounds = 0; rounds < 4; rounds += 1) {
      queue.add('a')
      for (let turns = 0; turns < 10; turns += 1) await turn()
    }
    expect(passes).toBe(32)
  })

  test('isolates a pass that throws: the key is retried and the others go on', async () => {
    const done: string[] = []
    const thrown: string[] = []
    const { queue, time } = setUp(
      async (key) => {
        if (key === 'poison') throw new Error('defect')
        done.push(key)
        return { kind: 'change' }
      },
      { observer: { reconcileThrew: (key) => thrown.push(key) } },
    )
    for (const key of ['poison', 'a', 'b', 'c']) queue.add(key)
    await turn()
    time.advance(100)
    await turn()
    expect(done).toEqual(['a', 'b', 'c'])
    expect(thrown).toEqual(['poison', 'poison'])
  })

  test('survives a pass that throws before it returns a promise', async () => {
    const thrown: string[] = []
    const { queue } = setUp(
      () => {
        throw new Error('defect')
      },
      { observer: { reconcileThrew: (key) => thrown.push(key) } },
    )
    queue.add('a')
    await turn()
    expect(thrown).toEqual(['a'])
  })

  test('runs as many passes at a time as it was told, and no more', async () => {
    let running = 0
    let most = 0
    const { queue } = setUp(
      async () => {
        running += 1
        most = Math.max(most, running)
        await turn()
        running -= 1
        return { kind: 'change' }
      },
      { concurrency: 3 },
    )
    for (let i = 0; i < 20; i += 1) queue.add(`key-${i}`)
    for (let i = 0; i < 30; i += 1) await turn()
    expect({ most, running }).toEqual({ most: 3, running: 0 })
  })

  test('reports an overdue pass and lets it end', async () => {
    const events: string[] = []
    const slow = Promise.withResolvers<ReconcileResult>()
    const { queue, time } = setUp(() => slow.promise, {
      observer: {
        reconcileOverdue: (key) => events.push(`overdue ${key}`),
        reconcileEnded: (key, result) => events.push(`${result} ${key}`),
      },
    })
    queue.add('a')
    await turn()
    time.advance(60_000)
    slow.resolve({ kind: 'change' })
    await turn()
    expect(events).toEqual(['overdue a', 'success a'])
  })

  test('waits at the end for running passes, which are told, and starts no other', async () => {
    const passes: string[] = []
    const { queue, end, stopped } = setUp(
      (key, signal) =>
        new Promise((resolve) => {
          passes.push(key)
          signal.addEventListener('abort', () => {
            resolve({ kind: 'now' })
          })
        }),
      { concurrency: 1 },
    )
    queue.add('a')
    queue.add('b')
    await turn()
    end.abort()
    await expect(stopped).resolves.toEqual({ unfinished: [] })
    expect(passes).toEqual(['a'])
  })

  test('gives up on a pass that outlasts the bound and says which', async () => {
    const { queue, time, end, stopped } = setUp(() => new Promise(() => undefined))
    queue.add('stuck')
    await turn()
    end.abort()
    await turn()
    time.advance(20_000)
    await expect(stopped).resolves.toEqual({ unfinished: ['stuck'] })
  })

  test('ends at once when its signal has ended before', async () => {
    const { end, stopped } = setUp(async () => ({ kind: 'change' }))
    end.abort()
    await expect(stopped).resolves.toEqual({ unfinished: [] })
  })
})
