import { describe, expect, it } from 'vitest'
import { Slots, type FreeSlot } from '../../../src/time/slots.ts'

const forever = new AbortController().signal

describe('slots', () => {
  it('are given in order of arrival, and a newcomer cannot jump the queue', async () => {
    const slots = new Slots(1)
    const order: number[] = []
    const first = await slots.acquire(forever)
    const waiting = [1, 2, 3].map(async (number) => {
      const release = await slots.acquire(forever)
      order.push(number)
      release()
    })
    first()
    const newcomer = slots.acquire(forever).then((release) => {
      order.push(4)
      release()
    })
    await Promise.all([...waiting, newcomer])
    expect(order).toEqual([1, 2, 3, 4])
    expect(slots.taken).toBe(0)
  })

  it('are never taken beyond the limit, nor leaked, whatever order of arriving, leaving and giving up', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = createRandom(seed)
      const slots = new Slots(3)
      const held: FreeSlot[] = []
      const waiting: AbortController[] = []
      const outcomes: Promise<unknown>[] = []
      for (let step = 0; step < 100; step++) {
        const choice = random()
        if (choice < 0.4) {
          const controller = new AbortController()
          waiting.push(controller)
          outcomes.push(
            slots.acquire(controller.signal).then(
              (release) => held.push(release),
              () => undefined,
            ),
          )
        } else if (choice < 0.6)
          waiting.splice(Math.floor(random() * waiting.length), 1)[0]?.abort(new Error('x'))
        else held.shift()?.()
        await Promise.resolve()
        expect(slots.taken, `seed ${seed}`).toBeLessThanOrEqual(3)
      }
      for (const controller of waiting) controller.abort(new Error('end'))
      await Promise.all(outcomes)
      for (const release of held) release()
      expect(slots.taken, `seed ${seed}`).toBe(0)
    }
  })

  it('are given back once, however often that is said', async () => {
    const slots = new Slots(2)
    const release = await slots.acquire(forever)
    await slots.acquire(forever)
    release()
    release()
    expect(slots.taken).toBe(1)
  })

  it('are not taken by who has given up already', async () => {
    const slots = new Slots(1)
    await expect(slots.acquire(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
    expect(slots.taken).toBe(0)
  })
})

function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}
