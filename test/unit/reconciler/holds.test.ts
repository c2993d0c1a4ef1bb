import { describe, expect, it } from 'vitest'
import { ALLOW_MASS_CHANGE_ANNOTATION, CREATE_ATTEMPT_ANNOTATION, FINALIZER } from '../../../src/api/group.ts'
import { reconcileAccount } from '../../../src/reconciler/account-reconciler.ts'
import { reconcileSink } from '../../../src/reconciler/sink-reconciler.ts'
import { keyDigest } from '../../../src/external/key-digest.ts'
import { external, marked } from './external.ts'
import type { Stored } from './fake-store.ts'
import { ACCOUNT, ACCOUNT_SID, accountObject, createWorld, KEY, sinkObject } from './world.ts'

/** The moments in which a hold must already count, and what it must not believe. */

type World = ReturnType<typeof createWorld>

const API_KEY = `SK${'1'.repeat(32)}`
const OTHER_KEY = `SK${'2'.repeat(32)}`
const sidOf = (n: number): string => `DG${String(n).repeat(32)}`

function useKey({ secret }: World, key: string): void {
  secret.clear()
  secret.set('TWILIO_API_KEY', key).set('TWILIO_API_SECRET', 'secret')
}

/** A Sink that has recorded sink number `n`, made through no key that its journal tells. */
const settledSink = (n: number, metadata: object = {}): Stored =>
  sinkObject({
    metadata: { name: `settled-${n}`, uid: `uid-${n}`, finalizers: [FINALIZER], ...metadata },
    status: { sid: sidOf(n), accountSid: ACCOUNT_SID, createAttempt: 1 },
  })

const externalOf = (n: number) => external({ sid: sidOf(n), description: marked(1, `shop/settled-${n}`) })

/** A process that has listed so many recorded sinks. */
async function withSinks(count: number): Promise<World> {
  const world = createWorld()
  for (let n = 1; n <= count; n += 1) {
    world.twilio.sinks.set(sidOf(n), externalOf(n))
    await world.apply(`shop/settled-${n}`, settledSink(n))
  }
  await world.start()
  return world
}

/** A LIST that shows nothing any more, a poll later. */
async function loseAll(world: World): Promise<void> {
  world.twilio.listed = () => []
  world.pass(300_000)
  await reconcileAccount(world.s, ACCOUNT)
}

async function poll(world: World): Promise<void> {
  world.pass(300_000)
  world.woken.accounts.add(ACCOUNT)
  for (const key of world.sinks.stored.keys()) world.woken.sinks.add(key)
  await world.settle(100)
}

const statusOf = ({ accounts }: World, name = ACCOUNT) =>
  accounts.stored.get(name)?.['status'] as {
    keys: { digest: string }[]
    conditions: { type: string; reason: string }[]
  }
const readyReason = ({ sinks }: World, key = KEY) =>
  Object(sinks.stored.get(key)?.['status']).conditions[0].reason as string
const heldReason = (world: World, name = ACCOUNT) =>
  statusOf(world, name).conditions.find(({ type }) => type === 'ChangesHeld')?.reason

/** Lets something happen while the reconcile waits for an answer of the cluster. */
function during<T extends object, K extends keyof T>(port: T, method: K, happens: () => Promise<void>): void {
  const real = port[method]
  if (typeof real !== 'function') throw new Error('no method')
  let done = false
  const replaced = async (...args: unknown[]): Promise<unknown> => {
    const answer: unknown = await Reflect.apply(real, port, args)
    if (!done) {
      done = true
      await happens()
    }
    return answer
  }
  Object.assign(port, { [method]: replaced })
}

it('counts for a pass that waited while the LIST came in: no object is let go by half a view', async () => {
  const world = await withSinks(5)
  // Its status was lost; the mark alone leads to its sink.
  world.twilio.sinks.set(sidOf(6), external({ sid: sidOf(6) }))
  await poll(world)
  const metadata = { finalizers: [FINALIZER], deletionTimestamp: '2026-11-24T12:00:00Z' }
  world.twilio.failing.set('delete', 'transient')
  await world.apply(KEY, sinkObject({ metadata }))
  await poll(world)
  during(world.s.cluster, 'sinkCrd', () => loseAll(world))
  await reconcileSink(world.s, KEY)
  expect(heldReason(world)).toBe('MassDisappearance')
  expect(world.sinks.stored.has(KEY)).toBe(true)
})

it('counts for a create that has been decided: none is sent once the claim is written', async () => {
  const world = await withSinks(5)
  await world.apply(KEY, sinkObject())
  during(world.s.sinks, 'patch', () => loseAll(world))
  await world.settle()
  expect(heldReason(world)).toBe('MassDisappearance')
  expect(world.twilio.count('create')).toBe(0)
  world.twilio.listed = () => [...world.twilio.sinks.values()]
  await poll(world)
  expect(world.twilio.count('create')).toBe(1)
})

it('counts for a deletion that has been decided: none is sent', async () => {
  const world = await withSinks(6)
  await world.apply('shop/settled-1', settledSink(1, { deletionTimestamp: '2026-11-24T12:00:00Z' }))
  during(world.s.sinks, 'read', () => loseAll(world))
  await world.settle()
  expect(heldReason(world)).toBe('MassDisappearance')
  expect(world.twilio.count('delete')).toBe(0)
})

it('is not ended by a sink that the doubtful key shows: it says nothing of the other', async () => {
  const world = createWorld()
  useKey(world, API_KEY)
  const journal = { uid: 'uid-1', attempt: 1, accountSid: ACCOUNT_SID, key: API_KEY, times: [] }
  const annotations = { [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify(journal) }
  world.twilio.sinks.set(sidOf(1), externalOf(1))
  await world.apply('shop/settled-1', settledSink(1, { annotations }))
  await world.apply('shop/settled-2', settledSink(2))
  await world.start()
  expect(heldReason(world)).toBe('UnprovenCredential')
  world.twilio.sinks.set(sidOf(2), externalOf(2))
  await poll(world)
  expect(heldReason(world)).toBeUndefined()
  expect(statusOf(world).keys.map(({ digest }) => digest)).toEqual([keyDigest(API_KEY)])
})

it('keeps a create of another key in doubt, until a person releases just that', async () => {
  const world = createWorld()
  useKey(world, API_KEY)
  const journal = { uid: 'uid', attempt: 3, accountSid: ACCOUNT_SID, key: OTHER_KEY, times: [] }
  const annotations = { [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify(journal) }
  await world.apply(KEY, sinkObject({ metadata: { annotations, finalizers: [FINALIZER] } }))
  await world.start()
  await poll(world)
  expect(readyReason(world)).toBe('ChangesHeld')
  expect(heldReason(world), 'whoever may edit the object can write an annotation').toBeUndefined()
  expect(world.twilio.count('create')).toBe(0)

  world.pass(1_000)
  const released = accountObject({
    metadata: {
      annotations: { [ALLOW_MASS_CHANGE_ANNOTATION]: new Date(world.s.clock.now()).toISOString() },
    },
  })
  world.accounts.put(ACCOUNT, { ...released, status: world.accounts.stored.get(ACCOUNT)?.['status'] })
  await world.accounts.read(ACCOUNT)
  await poll(world)
  expect(heldReason(world)).toBeUndefined()
  expect(world.twilio.count('create')).toBe(1)
  expect([...world.twilio.sinks.values()].map(({ description }) => description)).toEqual([marked(4)])
})

it('is one of the account that came later, where two of different account SIDs use one key', async () => {
  const world = createWorld()
  useKey(world, API_KEY)
  await world.apply(KEY, sinkObject())
  await world.start()
  expect(world.twilio.count('create')).toBe(1)
  world.pass(5_000)
  const other = 'shop/other'
  const spec = { accountSid: `AC${'2'.repeat(32)}` }
  world.accounts.put(other, accountObject({ metadata: { name: 'other', uid: 'other' }, spec }))
  await world.accounts.read(other)
  world.woken.accounts.add(other)
  await poll(world)
  expect([heldReason(world), heldReason(world, other)]).toEqual([undefined, 'SeenInAnotherAccount'])
  expect(JSON.stringify(statusOf(world, other).conditions)).not.toContain(ACCOUNT)
})

it('does not take for missing what was made a moment ago and a LIST does not show yet', async () => {
  const world = createWorld()
  useKey(world, API_KEY)
  world.twilio.madeAt = () => new Date(world.s.clock.now()).toISOString()
  await world.start()
  const names = [1, 2, 3, 4, 5].map((n) => `new-${n}`)
  for (const name of names) await world.apply(`shop/${name}`, sinkObject({ metadata: { name, uid: name } }))
  await world.settle()
  expect(world.twilio.count('create')).toBe(5)
  world.twilio.listed = () => []
  world.pass(20_000)
  world.s.registry.get(ACCOUNT)?.changing.set('shop/new-1', 0)
  await reconcileAccount(world.s, ACCOUNT)
  expect(heldReason(world)).toBeUndefined()
  world.pass(300_000)
  await reconcileAccount(world.s, ACCOUNT)
  expect(heldReason(world)).toBe('MassDisappearance')
})

it('counts for a create that waits for its slot: none is claimed', async () => {
  const world = await withSinks(5)
  const writes = world.s.registry.get(ACCOUNT)?.connection?.api.writes
  if (writes === undefined) throw new Error('no connection')
  const before = { ...writes }
  const withCreateSlot: typeof writes.withCreateSlot = async (work) => {
    await loseAll(world)
    return before.withCreateSlot(work)
  }
  Object.assign(writes, { withCreateSlot })
  await world.apply(KEY, sinkObject())
  await world.settle()
  expect(heldReason(world)).toBe('MassDisappearance')
  expect(world.sinks.stored.get(KEY)?.metadata['annotations']).toEqual({})
})

it('is judged in the turn in which the LIST is taken in: no pass comes in between', async () => {
  const world = await withSinks(5)
  world.secret.set('url', 'https://a.example.com/')
  const webhook = { destinationSecretRef: { name: 'values', key: 'url' } }
  const valued = sinkObject({ metadata: { name: 'valued', uid: 'valued' } })
  await world.apply('shop/valued', { ...valued, spec: { description: 'Valued', webhook } })
  await world.settle()
  const made = world.twilio.count('create')
  await world.apply(KEY, sinkObject())
  const { cluster } = world.s
  const before = { ...cluster }
  const secret: typeof cluster.secret = async (namespace, name, user) => {
    // Read by the account after its LIST, for the values of its Sinks.
    if (name === 'values') await reconcileSink(world.s, KEY)
    return before.secret(namespace, name, user)
  }
  Object.assign(cluster, { secret })
  await loseAll(world)
  expect(heldReason(world)).toBe('MassDisappearance')
  expect(world.twilio.count('create')).toBe(made)
})

describe('ten sinks that were just made', () => {
  /** Made a second after each other; `wait` lets time pass with a LIST every few seconds. */
  const made = async () => {
    const world = createWorld()
    Object.assign(world.s.settings, { poll: 10_000 })
    world.twilio.madeAt = () => new Date(world.s.clock.now()).toISOString()
    await world.start()
    for (let n = 0; n < 10; n += 1) {
      await world.apply(`shop/new-${n}`, sinkObject({ metadata: { name: `new-${n}`, uid: `uid-${n}` } }))
      await world.settle(500)
      world.pass(1_000)
    }
    expect(world.twilio.count('create')).toBe(10)
    const wait = async (ms: number): Promise<void> => {
      for (let waited = 0; waited < ms; waited += 5_000) {
        world.pass(5_000)
        world.woken.accounts.add(ACCOUNT)
        for (const key of world.sinks.stored.keys()) world.woken.sinks.add(key)
        await world.settle(500)
      }
    }
    return { world, wait }
  }

  it.each([0, 15, 40, 65, 80])(
    'are held when seven of them are deleted at Twilio after %d seconds',
    async (seconds) => {
      const { world, wait } = await made()
      await wait(seconds * 1_000)
      for (const sid of [...world.twilio.sinks.keys()].slice(0, 7)) world.twilio.sinks.delete(sid)
      await wait(300_000)
      expect([heldReason(world), world.twilio.count('create')]).toEqual(['MassDisappearance', 10])
    },
  )

  it('are not held while a LIST only lags behind them', async () => {
    const { world, wait } = await made()
    world.twilio.listed = () => []
    await wait(45_000)
    expect(heldReason(world)).toBeUndefined()
    world.twilio.listed = () => [...world.twilio.sinks.values()]
    await wait(300_000)
    expect([heldReason(world), world.twilio.count('create')]).toEqual([undefined, 10])
  })
})
