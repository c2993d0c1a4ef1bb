import { describe, expect, it } from 'vitest'
import type { Stored } from '../fake-store.ts'
import { ACCOUNT, ACCOUNT_SID, createWorld, KEY, sinkObject } from '../world.ts'

/** What is made for an object that is gone when the answer comes, and what may not be taken away even then. */

type World = ReturnType<typeof createWorld>

/** A Sink is applied, and `meanwhile` happens between Twilio's commit and its answer. */
async function created(meanwhile: (world: World, object: Stored) => Promise<void>): Promise<World> {
  const world = createWorld()
  await world.start()
  world.twilio.created = async () => {
    world.twilio.created = () => undefined
    await meanwhile(world, world.sinks.stored.get(KEY) ?? sinkObject())
  }
  await world.apply(KEY, sinkObject())
  await world.settle()
  return world
}

/** The watch shows it. */
async function seen(world: World, object: Stored | undefined): Promise<void> {
  world.sinks.put(KEY, object)
  await world.sinks.read(KEY)
}

/** As `kubectl replace` sends it: without finalizer and annotations. */
const replaced = ({ metadata, ...rest }: Stored, spec: object): Stored => ({
  ...rest,
  metadata: { ...metadata, finalizers: [], annotations: {}, generation: 2 },
  spec: { ...Object(rest['spec']), ...spec },
})

describe('a sink that is made for an object which is gone by then', () => {
  it('is deleted', async () => {
    const { twilio } = await created((world) => seen(world, undefined))
    expect(twilio.sinks.size).toBe(0)
  })

  it('stays when the object was Orphan as it was last seen, and left without its finalizer', async () => {
    const { twilio } = await created(async (world, object) => {
      await seen(world, replaced(object, { deletionPolicy: 'Orphan' }))
      await seen(world, undefined)
    })
    expect(twilio.count('delete')).toBe(0)
    expect(twilio.sinks.size).toBe(1)
  })

  it('goes when it was Orphan once, and no longer as it was last seen', async () => {
    const { twilio } = await created(async (world, object) => {
      await seen(world, replaced(object, { deletionPolicy: 'Orphan' }))
      await seen(world, replaced(object, { deletionPolicy: 'Delete' }))
      await seen(world, undefined)
    })
    expect(twilio.sinks.size).toBe(0)
  })

  it('stays when the object went with its definition: no chart takes sinks away', async () => {
    const { twilio } = await created(async (world) => {
      world.crd.deleting = true
      await seen(world, undefined)
    })
    expect(twilio.count('delete')).toBe(0)
    expect(twilio.sinks.size).toBe(1)
  })

  it.each([
    ['goes when discovery shows the definition ten seconds later', 10_000, false, 0],
    ['stays when discovery shows only then that the definition goes', 10_000, true, 1],
    ['stays when the process is asked to stop before discovery can be believed', 1_000, false, 1],
  ])('%s', async (_, paused, deleting, left) => {
    const { twilio } = await created(async (world) => {
      world.crd.source = 'discovery'
      Object.assign(world.s, {
        pause: async () => {
          world.pass(paused)
          world.crd.deleting = deleting
        },
      })
      await seen(world, undefined)
    })
    expect(twilio.count('delete')).toBe(1 - left)
    expect(twilio.sinks.size).toBe(left)
  })

  it('stays, and a line of the log says so, when the account has begun to hold changes', async () => {
    const lines: string[] = []
    const { twilio } = await created(async (world) => {
      const entry = world.s.registry.get(ACCOUNT)
      Object.assign(entry ?? {}, { hold: { key: ACCOUNT_SID, reason: 'MassDisappearance', items: [] } })
      const { observer } = world.s
      Object.assign(world.s, {
        observer: { ...observer, log: (_: string, __: object, text: string) => lines.push(text) },
      })
      await seen(world, undefined)
    })
    expect(twilio.count('delete')).toBe(0)
    expect(twilio.sinks.size).toBe(1)
    expect(lines.join()).toContain('stays at Twilio')
  })
})
