import { describe, expect, it } from 'vitest'
import { giveWorkerBack, Workers, withoutWorker } from '../../../src/controller/workers.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

function setUp(limit: number) {
  const busy: number[] = []
  const workers = new Workers(limit, (count) => busy.push(count))
  return { workers, busy: () => busy.at(-1) ?? 0 }
}

/** Whether another reconcile may begin. */
async function isFree(workers: Workers): Promise<boolean> {
  return Promise.race([workers.free().then(() => true), turn().then(() => false)])
}

describe('a worker', () => {
  it('is busy while its reconcile runs, also one that throws', async () => {
    const { workers, busy } = setUp(1)
    const work = Promise.withResolvers<void>()
    const ended = workers.run(() => work.promise)
    expect([busy(), await isFree(workers)]).toEqual([1, false])
    work.reject(new Error('defect'))
    await expect(ended).rejects.toThrow('defect')
    expect([busy(), await isFree(workers)]).toEqual([0, true])
  })

  it('is free while its reconcile waits, however deep that is called', async () => {
    const { workers, busy } = setUp(1)
    const [slot, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const ended = workers.run(async () => {
      await turn()
      await withoutWorker(() => slot.promise)
      await end.promise
    })
    await turn()
    await turn()
    expect([busy(), await isFree(workers)]).toEqual([0, true])
    slot.resolve()
    await turn()
    expect([busy(), await isFree(workers)]).toEqual([1, false])
    end.resolve()
    await ended
    expect(busy()).toBe(0)
  })

  it('is taken again at once, though all are busy: who holds what others wait for goes on', async () => {
    const { workers, busy } = setUp(1)
    const [slot, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const first = workers.run(() => withoutWorker(() => slot.promise).then(() => end.promise))
    await workers.free()
    const second = workers.run(() => end.promise)
    slot.resolve()
    await turn()
    expect([busy(), await isFree(workers)]).toEqual([2, false])
    end.resolve()
    await Promise.all([first, second])
    expect([busy(), await isFree(workers)]).toEqual([0, true])
  })

  it('counts once where its reconcile waits for two things at a time', async () => {
    const { workers, busy } = setUp(2)
    const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const ended = workers.run(async () => {
      await Promise.all([one, other].map(({ promise }) => withoutWorker(() => promise)))
    })
    expect(busy()).toBe(0)
    one.resolve()
    await turn()
    expect(busy()).toBe(1)
    other.resolve()
    await ended
    expect(busy()).toBe(0)
  })

  it('does not come back with something that goes on after its reconcile', async () => {
    const { workers, busy } = setUp(1)
    const late = Promise.withResolvers<void>()
    let left: Promise<void> | undefined
    await workers.run(async () => {
      left = withoutWorker(() => late.promise)
    })
    late.resolve()
    await left
    expect(busy()).toBe(0)
  })

  it('is taken again after a wait that fails', async () => {
    const { workers, busy } = setUp(1)
    await workers.run(async () => {
      await withoutWorker(() => Promise.reject(new Error('closed'))).catch(() => undefined)
      expect(busy()).toBe(1)
    })
  })

  it('is nothing to who runs outside of a reconcile', async () => {
    giveWorkerBack()()
    expect(await withoutWorker(async () => 'done')).toBe('done')
  })
})
