import { describe, expect, it } from 'vitest'
import { KubernetesFailure } from '../../../src/reconciler/ports.ts'
import { external, marked, OTHER_SID, SID } from './external.ts'
import { ACCOUNT, createWorld, KEY, sinkObject } from './world.ts'

/** Who comes after a process that died, or beside one that lives, has nothing but what stands at the API server and at Twilio. */

const SETTLE = 60_000
type World = ReturnType<typeof createWorld>

async function started(): Promise<World> {
  const world = createWorld()
  await world.start()
  return world
}

/** Everything that a poll would bring. */
async function poll(world: World): Promise<void> {
  world.woken.accounts.add(ACCOUNT)
  world.woken.sinks.add(KEY)
  await world.settle()
}

type Status = { sid?: string; conditions?: { type: string; reason: string }[] }
const statusOf = ({ sinks }: World) => sinks.stored.get(KEY)?.status as Status | undefined
const hides = ({ twilio }: World, ...sids: string[]) => {
  twilio.listed = () => [...twilio.sinks.values()].filter(({ sid }) => !sids.includes(sid))
}

class Killed extends Error {}

describe('a create that nobody has recorded', () => {
  it('is adopted by the next process, although the first LISTs do not show its sink', async () => {
    const dead = await started()
    dead.twilio.created = () => {
      throw new Killed()
    }
    await dead.apply(KEY, sinkObject())
    await expect(dead.settle()).rejects.toThrow(Killed)
    dead.twilio.created = () => undefined
    const [sid = ''] = dead.twilio.sinks.keys()
    const world = dead.another()
    hides(world, sid)
    await world.start()
    world.pass(SETTLE - 10_000)
    await poll(world)
    expect(world.twilio.count('create')).toBe(1)
    hides(world)
    world.pass(20_000)
    await poll(world)
    expect(statusOf(world)?.sid).toBe(sid)
    expect(world.twilio.count('create')).toBe(1)
  })

  it('keeps a second process, which sees the claim, from sending one of its own', async () => {
    const first = await started()
    const second = first.another()
    await second.start()
    await first.apply(KEY, sinkObject())
    await second.sinks.read(KEY)
    first.twilio.listed = () => []
    first.twilio.created = async () => {
      await second.sinks.read(KEY)
      await poll(second)
    }
    await first.settle()
    expect(first.twilio.count('create')).toBe(1)
    expect(statusOf(first)?.sid).toBe([...first.twilio.sinks.keys()][0])
  })

  it('is adopted when the API server takes no status for longer than it is tried', async () => {
    const world = await started()
    let refused = 0
    world.sinks.before = (_, operations) => {
      if (!operations.some(({ path }) => path === '/status')) return
      refused += 1
      throw new KubernetesFailure('unavailable', 'as the test wants it')
    }
    await world.apply(KEY, sinkObject())
    await world.settle(1)
    expect(refused).toBeGreaterThan(10)
    expect(statusOf(world)?.sid).toBeUndefined()
    world.sinks.before = () => undefined
    await poll(world)
    expect(statusOf(world)?.sid).toBe([...world.twilio.sinks.keys()][0])
    expect(world.twilio.count('create')).toBe(1)
  })

  it('is not written over what another process has recorded meanwhile, which would be forgotten', async () => {
    const world = await started()
    await world.apply(KEY, sinkObject())
    world.twilio.created = () => {
      const object = world.sinks.stored.get(KEY)
      if (object === undefined) throw new Error('It has been claimed')
      world.twilio.sinks.set(OTHER_SID, external({ sid: OTHER_SID, description: marked(2) }))
      world.sinks.put(KEY, { ...object, status: { observedGeneration: 1, sid: OTHER_SID, createAttempt: 2 } })
    }
    await world.settle()
    expect(statusOf(world)?.sid).toBe(OTHER_SID)
    expect([...world.twilio.sinks.keys()], 'what was made in vain is taken away').toEqual([OTHER_SID])
  })

  it('is recorded in no other object, though that has the same version, as after a restore of etcd', async () => {
    const world = await started()
    await world.apply(KEY, sinkObject())
    world.twilio.created = () => {
      const object = world.sinks.stored.get(KEY)
      if (object === undefined) throw new Error('It has been claimed')
      const metadata = { ...object.metadata, uid: 'another', finalizers: [], annotations: {} }
      world.sinks.stored.set(KEY, { ...object, metadata, spec: { ...Object(object.spec), suspend: true } })
    }
    await world.settle(2)
    expect(statusOf(world)?.sid).toBeUndefined()
    expect(world.twilio.sinks.size, 'the object that is there now finds it by the mark').toBe(1)
  })
})

describe('a create that takes effect late', () => {
  async function unanswered(): Promise<World> {
    const world = await started()
    world.twilio.failing.set('create', 'transient')
    await world.apply(KEY, sinkObject())
    await world.settle()
    world.twilio.failing.clear()
    return world
  }

  it('is adopted when that happens within the settle time, and nothing is created before', async () => {
    const world = await unanswered()
    world.pass(SETTLE / 2)
    await poll(world)
    expect(world.twilio.count('create')).toBe(1)
    world.twilio.sinks.set(SID, external())
    await poll(world)
    world.pass(SETTLE)
    await poll(world)
    expect(statusOf(world)?.sid).toBe(SID)
    expect(world.twilio.count('create')).toBe(1)
  })

  it('is tried again once nothing has come of it within the settle time', async () => {
    const world = await unanswered()
    world.pass(SETTLE + 1_000)
    await poll(world)
    expect(statusOf(world)?.sid).toBe([...world.twilio.sinks.keys()][0])
    expect(world.twilio.count('create')).toBe(2)
  })

  it('is found at the next poll and reported when that happens later still, and never deleted by guess', async () => {
    const world = await unanswered()
    world.pass(SETTLE + 1_000)
    await poll(world)
    world.twilio.sinks.set(SID, external())
    world.pass(300_000)
    await poll(world)
    expect(statusOf(world)?.conditions?.find(({ type }) => type === 'DuplicateFound')).toBeDefined()
    expect(world.twilio.sinks.size).toBe(2)
  })
})

describe('an object that came back without its status', () => {
  it.each([
    ['as in Git', {}],
    ['with the finalizer, as from a backup', { finalizers: ['events.twilio.com/finalizer'] }],
  ])('%s finds its sink by the mark and creates none', async (_, metadata) => {
    const world = createWorld()
    world.twilio.sinks.set(SID, external({ description: marked(7) }))
    await world.start()
    await world.apply(KEY, sinkObject({ metadata }))
    await world.settle()
    world.pass(2 * SETTLE)
    await poll(world)
    expect(statusOf(world)?.sid).toBe(SID)
    expect(world.twilio.count('create')).toBe(0)
  })
})
