import { describe, expect, it } from 'vitest'
import { FINALIZER } from '../../../src/api/group.ts'
import { reconcileAccount } from '../../../src/reconciler/account-reconciler.ts'
import type { FailureKind } from '../../../src/external/failure.ts'
import { keyDigest } from '../../../src/external/key-digest.ts'
import { external, SID } from './external.ts'
import { ACCOUNT, ACCOUNT_SID, createWorld, KEY, sinkObject } from './world.ts'

/** What may and what may not let an object go; the finalizer is all that leads back to its sink. */

type World = ReturnType<typeof createWorld>

const RECORDED = { sid: SID, accountSid: ACCOUNT_SID, createAttempt: 1 }
const LEAVING = { finalizers: [FINALIZER], deletionTimestamp: '2026-11-24T12:00:00Z' }

/** A process that has just listed the account, and an object with a sink that is to be deleted. */
async function leaving(): Promise<World> {
  const world = createWorld()
  world.twilio.sinks.set(SID, external())
  await world.start()
  await world.apply(KEY, sinkObject({ metadata: LEAVING, status: RECORDED }))
  return world
}

async function poll(world: World): Promise<void> {
  world.pass(300_000)
  world.woken.accounts.add(ACCOUNT)
  world.woken.sinks.add(KEY)
  await world.settle()
}

const isThere = ({ sinks }: World): boolean => sinks.stored.has(KEY)

/** All kinds but the two that say something about the sink itself. */
const PROVES_NOTHING: readonly FailureKind[] = [
  'not-sent',
  'rate-limited',
  'unauthorized',
  'forbidden',
  'quota',
  'refused',
  'conflict',
  'transient',
]

describe('an object that is to be deleted', () => {
  it('goes once its sink is deleted and a LIST does not show it any more', async () => {
    const world = await leaving()
    await world.settle()
    expect(isThere(world)).toBe(false)
    expect(world.twilio.sinks.size).toBe(0)
    expect(world.twilio.count('delete')).toBe(1)
  })

  it('says what it waits for when another key came while its DELETE was on its way', async () => {
    const world = await leaving()
    const { writes } = world.twilio.connect({ name: ACCOUNT }, { username: ACCOUNT_SID, password: 'token' })
    const before = { ...writes }
    const withChangeSlot: typeof writes.withChangeSlot = (work) =>
      before.withChangeSlot((change) =>
        work({
          ...change,
          deleteSink: async (sid, notAfter) => {
            await change.deleteSink(sid, notAfter)
            world.secret.clear()
            world.secret.set('TWILIO_API_KEY', `SK${'1'.repeat(32)}`).set('TWILIO_API_SECRET', 'secret')
            await reconcileAccount(world.s, ACCOUNT)
          },
        }),
      )
    Object.assign(writes, { withChangeSlot })
    await world.settle()
    await poll(world)
    expect(isThere(world), 'the new key has shown nothing of the account').toBe(true)
    const { status } = world.sinks.stored.get(KEY) as { status?: object }
    expect(JSON.stringify(status)).toContain('ChangesHeld')
  })

  it('is looked at again when too much time has passed between the look and its DELETE', async () => {
    const world = await leaving()
    const { cluster } = world.s
    const before = { ...cluster }
    let late = 0
    Object.assign(cluster, {
      sinkCrd: async () => {
        if (world.twilio.count('fetch') === 1) late = world.pass(2 * world.s.settings.callTimeout)
        return before.sinkCrd()
      },
    })
    await world.settle()
    expect(late).toBeGreaterThan(0)
    expect(world.twilio.count('delete'), 'sent too late').toBe(0)
    expect(world.twilio.sinks.size).toBe(1)
    await poll(world)
    expect(isThere(world)).toBe(false)
    expect(world.twilio.calls.filter((call) => call !== 'list')).toEqual(['fetch', 'fetch', 'delete'])
  })

  it.each(PROVES_NOTHING)('stays while its DELETE ends as %s, and goes when that is over', async (kind) => {
    const world = await leaving()
    world.twilio.failing.set('delete', kind)
    await world.settle()
    await poll(world)
    expect(isThere(world)).toBe(true)
    expect(world.twilio.sinks.size).toBe(1)
    world.twilio.failing.clear()
    await poll(world)
    expect(isThere(world)).toBe(false)
    expect(world.twilio.sinks.size).toBe(0)
  })

  it.each(PROVES_NOTHING)('stays while its sink can only be read as %s', async (kind) => {
    const world = await leaving()
    world.twilio.failing.set('fetch', kind)
    await world.settle()
    await poll(world)
    expect(isThere(world)).toBe(true)
    expect(world.twilio.count('delete')).toBe(0)
  })

  it('stays while its DELETE breaks in a way that nobody has foreseen', async () => {
    const world = await leaving()
    world.twilio.failing.set('delete', new Error('as the test wants it'))
    await expect(world.settle()).rejects.toThrow('as the test wants it')
    expect(isThere(world)).toBe(true)
  })

  it('stays after an accepted DELETE as long as no LIST has shown that the sink is gone', async () => {
    const world = await leaving()
    world.twilio.failing.set('list', 'transient')
    await world.settle()
    expect(world.twilio.count('delete')).toBe(1)
    expect(isThere(world)).toBe(true)
    world.twilio.failing.clear()
    await poll(world)
    expect(isThere(world)).toBe(false)
  })

  it('stays while LISTs go on to show what Twilio says it has deleted', async () => {
    const world = await leaving()
    world.twilio.listed = () => [external()]
    await world.settle()
    await poll(world)
    expect(isThere(world)).toBe(true)
    world.twilio.listed = () => []
    await poll(world)
    expect(isThere(world)).toBe(false)
  })

  it('stays when a key that may be of another account sees nothing of its sink', async () => {
    const world = createWorld()
    world.secret.clear()
    world.secret.set('TWILIO_API_KEY', `SK${'1'.repeat(32)}`).set('TWILIO_API_SECRET', 'secret')
    await world.start()
    await world.apply(KEY, sinkObject({ metadata: LEAVING, status: RECORDED }))
    await world.settle()
    await poll(world)
    await poll(world)
    expect(isThere(world)).toBe(true)
  })

  it('goes with the credential that was verified when its Secret has gone first, as with a namespace', async () => {
    const world = await leaving()
    Object.assign(world.s.cluster, { secret: async () => undefined })
    await poll(world)
    expect(isThere(world)).toBe(false)
    expect(world.twilio.sinks.size).toBe(0)
  })

  it('stays and says that the credential is missing when a new process finds the Secret gone', async () => {
    const world = (await leaving()).another()
    Object.assign(world.s.cluster, { secret: async () => undefined })
    await world.start()
    await poll(world)
    expect(isThere(world)).toBe(true)
    expect(world.twilio.sinks.size, 'nothing leaks').toBe(1)
    const { conditions } = Object(world.sinks.stored.get(KEY)?.status)
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'DeletionBlocked', reason: 'CredentialsRefused' }),
    )
  })

  it('goes and leaves its sink when the definition is being deleted: no chart takes sinks away', async () => {
    const world = await leaving()
    world.crd.deleting = true
    await world.settle()
    expect(isThere(world)).toBe(false)
    expect([...world.twilio.sinks.keys()]).toEqual([SID])
  })

  it('leaves its sink when the deletion of the definition shows only in the last look', async () => {
    const world = await leaving()
    const { listed } = world.twilio
    world.sinks.read = async (key) => {
      world.crd.deleting = true
      return world.sinks.get(key)
    }
    await world.settle()
    expect(world.twilio.count('delete')).toBe(0)
    expect(listed()).toHaveLength(1)
  })
})

describe('two objects that have recorded one sink', () => {
  const SECOND = 'shop/second'
  const younger = { name: 'second', uid: 'second', creationTimestamp: '2026-11-24T11:30:00Z' }

  it.each([
    ['that the older one has made', external(), {}],
    ['that both have imported', external({ description: 'Orders' }), { import: { sid: SID } }],
  ])('do not lose one %s when the younger is deleted', async (_, shared, importing) => {
    const spec = { ...importing, deletionPolicy: 'Delete' }
    const world = createWorld()
    world.twilio.sinks.set(SID, shared)
    await world.start()
    await world.apply(KEY, sinkObject({ metadata: { finalizers: [FINALIZER] }, spec, status: RECORDED }))
    await world.apply(SECOND, sinkObject({ metadata: { ...LEAVING, ...younger }, spec, status: RECORDED }))
    await world.settle()
    await poll(world)
    expect([...world.twilio.sinks.keys()]).toEqual([SID])
    expect(world.twilio.count('delete')).toBe(0)
  })
})

describe('an object that is applied again under the name of one that went', () => {
  const again = sinkObject({ metadata: { uid: 'second' } })
  const status = ({ sinks }: World) =>
    Object(sinks.stored.get(KEY)?.status) as { sid?: string; conditions: { message: string }[] }

  it('gets its sink at once where our own DELETE has taken the old one away: nothing has to settle', async () => {
    const world = await leaving()
    await world.settle()
    const lists = world.twilio.count('list')
    await world.apply(KEY, again)
    const { last } = await world.settle()
    expect(world.twilio.count('create')).toBe(1)
    expect(status(world).sid).toBeDefined()
    expect(last?.kind).toBe('change')
    expect(world.twilio.count('list'), 'the LIST that let the old one go is proof enough').toBe(lists)
  })

  it('waits, and says until when, where somebody else has deleted the sink of the old one', async () => {
    const world = await leaving()
    world.twilio.sinks.clear()
    await poll(world)
    expect(isThere(world)).toBe(false)
    world.s.lastSeen.recordSeen(external(), keyDigest(ACCOUNT_SID), world.s.clock.monotonic())
    await world.apply(KEY, again)
    await world.settle()
    expect(world.twilio.count('create')).toBe(0)
    const said = status(world).conditions[0]?.message ?? ''
    const until = Date.parse(/not before (\S+):/u.exec(said)?.[1] ?? '')
    expect(until - world.s.clock.now()).toBeGreaterThan(50_000)
    world.pass(62_000)
    world.woken.sinks.add(KEY)
    await world.settle()
    expect(world.twilio.count('create')).toBe(1)
    expect(world.s.clock.now(), 'what was said is what was so').toBeGreaterThanOrEqual(until)
  })
})
