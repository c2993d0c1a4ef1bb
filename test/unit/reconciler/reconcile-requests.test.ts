import { describe, expect, it } from 'vitest'
import { findCondition } from '../../../src/api/condition.ts'
import { FINALIZER, RECONCILE_REQUESTED_AT_ANNOTATION } from '../../../src/api/group.ts'
import { readable } from '../../../src/reconciler/memory/account-of-sink.ts'
import { external, marked, OTHER_SID, SID } from './external.ts'
import { ACCOUNT, createWorld, KEY, sinkObject } from './world.ts'

type World = ReturnType<typeof createWorld>

const status = (world: World) => readable(world.s.sinks.get(KEY))?.status
const reason = (world: World) => findCondition(status(world)?.conditions ?? [], 'Ready')?.reason
const answered = (world: World) => status(world)?.lastHandledReconcileAt

async function request(world: World, value: string): Promise<void> {
  const { metadata, ...object } = world.sinks.stored.get(KEY) ?? sinkObject()
  const annotations = { [RECONCILE_REQUESTED_AT_ANNOTATION]: value }
  await world.apply(KEY, { ...object, metadata: { ...metadata, annotations } })
  world.twilio.calls.length = 0
  await world.settle()
}

/** The Sink as it is after its first reconciles, with what Twilio has then. */
async function having(sinks: Parameters<typeof external>[0][], spec: object = {}): Promise<World> {
  const world = createWorld()
  for (const by of sinks) world.twilio.sinks.set(by?.sid ?? SID, external(by))
  await world.start()
  await world.apply(KEY, sinkObject({ metadata: { finalizers: [FINALIZER] }, spec }))
  await world.settle()
  // The LIST that shows them was made before.
  world.pass(1_000)
  return world
}

describe('a request to reconcile a Sink without a recorded SID', () => {
  const two = [{ description: marked(2) }, { sid: OTHER_SID, description: marked(3) }]

  it('is answered with what a LIST shows that it has caused', async () => {
    const world = await having(two)
    expect(reason(world)).toBe('Ambiguous')
    world.twilio.sinks.delete(OTHER_SID)
    await request(world, 'now')
    expect(world.twilio.count('list')).toBe(1)
    expect([answered(world), reason(world), status(world)?.sid]).toEqual(['now', 'Active', SID])
  })

  it('is not answered while Twilio does not answer, and then by the next poll, whatever the Sink waits for', async () => {
    const world = await having(two)
    world.twilio.failing.set('list', 'transient')
    await request(world, 'now')
    expect(answered(world)).toBeUndefined()
    const asked = world.twilio.count('list')
    world.twilio.failing.clear()
    world.pass(300_001)
    world.woken.accounts.add(ACCOUNT)
    await world.settle()
    expect([answered(world), world.twilio.count('list')]).toEqual(['now', asked + 1])
  })

  it('is answered by the GET of the sink that it imports', async () => {
    const world = await having([{ description: 'Orders' }], {
      import: { sid: SID },
      deletionPolicy: 'Orphan',
      webhook: { destination: 'https://c.example.com/' },
    })
    expect(reason(world)).toBe('ImportMismatch')
    await request(world, 'now')
    expect([world.twilio.calls, answered(world)]).toEqual([['fetch'], 'now'])
  })
})

describe('a request to reconcile a Sink with a recorded SID', () => {
  const made = async (): Promise<World> => {
    const world = await having([])
    world.pass(70_000)
    world.woken.accounts.add(ACCOUNT)
    world.woken.sinks.add(KEY)
    await world.settle()
    expect(reason(world)).toBe('Active')
    return world
  }

  it('is answered by one GET', async () => {
    const world = await made()
    await request(world, 'now')
    expect([world.twilio.calls, answered(world)]).toEqual([['fetch'], 'now'])
  })

  it('is answered after an outage, although an active Sink waits for nothing else', async () => {
    const world = await made()
    world.twilio.failing.set('fetch', 'transient')
    await request(world, 'now')
    expect(answered(world)).toBeUndefined()
    world.twilio.failing.clear()
    world.pass(300_001)
    world.woken.accounts.add(ACCOUNT)
    await world.settle()
    expect(answered(world)).toBe('now')
  })

  it('tells whether a second sink is still there', async () => {
    const world = await made()
    world.twilio.sinks.set(OTHER_SID, external({ sid: OTHER_SID, description: marked(9) }))
    world.pass(300_001)
    world.woken.accounts.add(ACCOUNT)
    await world.settle()
    const twin = () => findCondition(status(world)?.conditions ?? [], 'DuplicateFound')
    expect(twin()).toBeDefined()
    world.twilio.sinks.delete(OTHER_SID)
    await request(world, 'now')
    expect([twin(), answered(world)]).toEqual([undefined, 'now'])
  })
})
