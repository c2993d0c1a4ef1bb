import { describe, expect, it } from 'vitest'
import { EventQueue } from '../../../../src/kubernetes/events/event-queue.ts'

const drained = (queue: EventQueue<string>): string[] => {
  const items: string[] = []
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item)
  return items
}

const filled = (capacity: number, items: readonly string[]) => {
  const queue = new EventQueue<string>(capacity)
  const lost = items.flatMap((item) => queue.push(item.charAt(0), item) ?? [])
  return { queue, lost }
}

describe('events that wait', () => {
  it('are sent in order, and the namespaces take turns', () => {
    const { queue, lost } = filled(10, ['a1', 'a2', 'a3', 'b1', 'c1', 'c2'])
    expect([drained(queue), lost]).toEqual([['a1', 'b1', 'c1', 'a2', 'c2', 'a3'], []])
  })

  it.each([
    ['the namespace that has most', ['a1', 'a2', 'a3', 'b1'], ['a3']],
    ['the newcomer, where it has most', ['a1', 'b1', 'b2', 'b3'], ['b3']],
    ['the newcomer, where all have as many', ['a1', 'b1', 'c1', 'd1'], ['d1']],
  ])('are lost by %s, where there is no room', (_who, items, expected) => {
    const { queue, lost } = filled(3, items)
    expect(lost).toEqual(expected)
    expect(drained(queue).sort()).toEqual(items.filter((item) => !lost.includes(item)).sort())
  })

  it('are all that is kept, whatever was lost and sent before', () => {
    const { queue } = filled(3, ['a1', 'b1', 'c1', 'd1', 'e1'])
    drained(queue)
    expect(queue.push('a', 'a2')).toBeUndefined()
    expect(drained(queue)).toEqual(['a2'])
  })
})
