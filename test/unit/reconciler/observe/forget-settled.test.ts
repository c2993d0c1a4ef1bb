import { describe, expect, it } from 'vitest'
import { CREATE_ATTEMPT_ANNOTATION } from '../../../../src/api/group.ts'
import { forgetNames } from '../../../../src/reconciler/observe/forget-settled.ts'
import { TwilioFailure } from '../../../../src/external/failure.ts'
import { ACCOUNT, ACCOUNT_SID, createWorld, KEY, sinkObject } from '../world.ts'

const SETTLE = 60_000

async function started() {
  const world = createWorld()
  await world.start()
  return world
}
type World = Awaited<ReturnType<typeof started>>

const list = async (world: World) => {
  world.s.registry.get(ACCOUNT)!.nextListAt = 0
  world.woken.accounts.add(ACCOUNT)
  await world.settle()
}

/** An object of ours that leaves without being released, for example by a finalizer that was taken off by hand. */
async function leavesByForce(world: World): Promise<void> {
  await world.apply(KEY, sinkObject())
  await world.settle()
  world.sinks.put(KEY, undefined)
  await world.sinks.read(KEY)
  world.woken.sinks.add(KEY)
  await world.settle()
}

const remembered = (world: World) => world.s.names.leftBefore(Number.POSITIVE_INFINITY)

describe('a name whose object is gone', () => {
  it('is remembered until every LIST at hand began long after it left', async () => {
    const world = await started()
    await leavesByForce(world)
    await list(world)
    world.pass(2 * SETTLE)
    forgetNames(world.s)
    expect(remembered(world), 'the LIST at hand began too early').toEqual([KEY])
    // The two latest are kept.
    await list(world)
    expect(remembered(world)).toEqual([KEY])
    await list(world)
    expect(remembered(world)).toEqual([])
    expect(world.s.names.of(KEY).attempts.highest()).toBe(0)
  })

  it('is remembered while a LIST is under way that began before', async () => {
    const world = await started()
    await leavesByForce(world)
    const entry = world.s.registry.get(ACCOUNT)!
    world.s.registry.remove(ACCOUNT)
    const slow = world.s.registry.ensure('shop/slow', ACCOUNT_SID, 0)
    slow.listing = { beganAt: world.s.clock.monotonic(), pages: 1 }
    world.pass(10 * SETTLE)
    forgetNames(world.s)
    expect(remembered(world)).toEqual([KEY])
    slow.listing = undefined
    forgetNames(world.s)
    expect(remembered(world), 'the next LIST begins now at the earliest').toEqual([])
    expect(entry.listing, 'no LIST is under way after a pass').toBeUndefined()
  })

  it('is forgotten although an account has not answered for long, and that LIST proves nothing afterwards', async () => {
    const world = await started()
    const entry = world.s.registry.get(ACCOUNT)!
    const old = entry.snapshot.lists
    await leavesByForce(world)
    world.pass(world.s.settings.poll * 4)
    forgetNames(world.s)
    expect(remembered(world)).toEqual([])
    await list(world)
    expect(entry.snapshot.lists).toHaveLength(1)
    expect(entry.snapshot.lists).not.toContain(old[0])
  })

  it('is remembered as long as an attempt of it may have left a sink', async () => {
    const world = await started()
    await world.apply(KEY, sinkObject())
    const open = {
      number: 1,
      uid: 'uid',
      accountSid: 'AC-elsewhere',
      key: 'AC-elsewhere',
      times: [],
      seenAt: 0,
    }
    world.s.names.of(KEY).attempts.recordSeen(open)
    world.sinks.put(KEY, undefined)
    await world.sinks.read(KEY)
    world.pass(10 * SETTLE)
    await list(world)
    await list(world)
    expect(remembered(world), 'no LIST of that account says so').toEqual([KEY])
    world.s.names.of(KEY).attempts.ended(1)
    forgetNames(world.s)
    expect(remembered(world)).toEqual([])
  })
})

describe('ever new names', () => {
  it('leave nothing behind, on a standby without LISTs either', () => {
    const { s, pass } = createWorld()
    for (let n = 0; n < 200; n += 1) {
      const key = `shop/name-${n}`
      const at = s.clock.monotonic()
      s.names.present(key, { uid: `uid-${n}`, at, born: true, touched: false })
      s.names.left(key, at)
      pass(SETTLE)
      forgetNames(s)
    }
    expect(s.names.leftBefore(Number.POSITIVE_INFINITY).length).toBeLessThan(5)
  })
})

describe('names of creates that only an annotation has told of, and that nobody can prove', () => {
  /** Made, and taken away again at once. */
  async function madeUp(world: World, key: string): Promise<void> {
    const [namespace, name] = key.split('/')
    const journal = { uid: key, attempt: 1, accountSid: `AC${'9'.repeat(32)}`, key: 'x', times: [] }
    const annotations = { [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify(journal) }
    world.sinks.put(key, sinkObject({ metadata: { namespace, name, uid: key, annotations } }))
    await world.sinks.read(key)
    world.sinks.put(key, undefined)
    await world.sinks.read(key)
  }

  it('are a few for each namespace, or whoever writes Sinks could fill the memory; the last ones stay', async () => {
    const world = await started()
    await madeUp(world, 'other/only')
    for (let n = 0; n < 400; n += 1) await madeUp(world, `rogue/made-up-${n}`)
    world.pass(3_600_000)
    await list(world)
    await list(world)
    expect(remembered(world).length).toBeLessThan(100)
    expect(remembered(world)).toEqual(expect.arrayContaining(['other/only', 'rogue/made-up-399']))
    expect(world.s.names.of('rogue/made-up-0').attempts.highest()).toBe(0)
  })

  it('do not take the place of a create that this process has sent', async () => {
    const world = await started()
    world.twilio.created = () => Promise.reject(new TwilioFailure({ kind: 'transient', message: 'lost' }))
    await leavesByForce(world)
    world.accounts.put(ACCOUNT, undefined)
    await world.accounts.read(ACCOUNT)
    world.woken.accounts.add(ACCOUNT)
    await world.settle()
    for (let n = 0; n < 200; n += 1) await madeUp(world, `shop/made-up-${n}`)
    world.pass(3_600_000)
    forgetNames(world.s)
    expect(remembered(world)).toContain(KEY)
    expect(remembered(world).length).toBeLessThan(100)
  })
})
