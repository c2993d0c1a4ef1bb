import { expect, it } from 'vitest'
import { external, SID } from './external.ts'
import { createWorld, KEY, sinkObject } from './world.ts'

it.each(['before the sink was listed', 'after'])(
  'takes a SID in upper case for the one that Twilio answers in lower case: %s',
  async (when) => {
    const world = createWorld()
    const sink = external({ description: 'Orders' })
    if (when === 'after') world.twilio.sinks.set(SID, sink)
    await world.start()
    world.twilio.sinks.set(SID, sink)
    const spec = { deletionPolicy: 'Orphan', import: { sid: `DG${SID.slice(2).toUpperCase()}` } }
    await world.apply(KEY, sinkObject({ spec }))
    const { passes } = await world.settle()
    expect(passes).toBeLessThan(10)
    expect(world.sinks.stored.get(KEY)?.status).toMatchObject({ sid: SID })
    expect(world.twilio.count('create')).toBe(0)
  },
)
