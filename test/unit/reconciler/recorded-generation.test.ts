import { expect, it } from 'vitest'
import type { SinkStatus } from '../../../src/api/sink.ts'
import { createWorld, KEY, sinkObject } from './world.ts'

it.each([
  ['its destination', { webhook: { destination: 'https://b.example.com/' } }],
  ['its description', { description: 'Edited' }],
])(
  'a sink is recorded for the generation it was made from, though %s was edited meanwhile',
  async (_, by) => {
    const world = createWorld()
    await world.start()
    const written: SinkStatus[] = []
    const store = { ...world.sinks }
    world.sinks.patchStatus = async (key, operations) => {
      const held = await store.patchStatus(key, operations)
      if (held.readable) written.push(held.object.status)
      return held
    }
    world.twilio.created = () => {
      const { metadata, ...rest } = world.sinks.stored.get(KEY) ?? sinkObject()
      const spec = { ...Object(rest['spec']), ...by }
      world.sinks.put(KEY, { ...rest, metadata: { ...metadata, generation: 2 }, spec })
    }
    await world.apply(KEY, sinkObject())
    await world.settle()
    expect(written[0]?.sid).toBeDefined()
    expect(written[0]?.observedGeneration).toBe(1)
    expect(written[0]?.conditions.map(({ observedGeneration }) => observedGeneration)).toEqual([1])
  },
)
