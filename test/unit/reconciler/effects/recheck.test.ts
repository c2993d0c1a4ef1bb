import { expect, it } from 'vitest'
import { FINALIZER } from '../../../../src/api/group.ts'
import { reconcileAccount } from '../../../../src/reconciler/account-reconciler.ts'
import { external, marked, SID } from '../external.ts'
import { ACCOUNT, ACCOUNT_SID, createWorld, KEY, sinkObject } from '../world.ts'

it('leaves a sink whose mark somebody has taken away, when nothing else says that it is ours', async () => {
  const world = createWorld()
  world.twilio.sinks.set(SID, external())
  await world.start()
  world.twilio.sinks.set(SID, external({ description: 'mine now' }))
  const metadata = { finalizers: [FINALIZER], deletionTimestamp: '2026-11-24T12:00:00Z' }
  await world.apply(KEY, sinkObject({ metadata }))
  const { passes } = await world.settle()
  expect(passes).toBeLessThan(50)
  expect(world.twilio.count('fetch')).toBe(1)
  expect(world.twilio.sinks.has(SID)).toBe(true)
})

it('sends no update when the object was suspended while the update waited for its turn', async () => {
  const world = createWorld()
  world.twilio.sinks.set(SID, external({ description: marked(1, KEY, undefined, 'Old') }))
  await world.start()
  const { serialise } = world.s
  const suspended: typeof serialise = async (key, work) => {
    const now = world.sinks.stored.get(KEY) ?? sinkObject()
    world.sinks.put(KEY, { ...now, spec: { ...(now['spec'] as object), suspend: true } })
    await world.sinks.read(KEY)
    return serialise(key, work)
  }
  Object.assign(world.s, { serialise: suspended })
  const status = { sid: SID, accountSid: ACCOUNT_SID, createAttempt: 1 }
  await world.apply(KEY, sinkObject({ metadata: { finalizers: [FINALIZER] }, status }))
  await world.settle()
  expect(world.twilio.count('fetch')).toBe(1)
  expect(world.twilio.count('update')).toBe(0)
})

it('records no sink whose mark somebody has taken away since the last LIST', async () => {
  const world = createWorld()
  world.twilio.sinks.set(SID, external())
  await world.start()
  world.twilio.sinks.set(SID, external({ description: 'mine now' }))
  await world.apply(KEY, sinkObject())
  const { passes } = await world.settle()
  expect(passes).toBeLessThan(50)
  expect(world.twilio.count('fetch')).toBe(1)
  expect(world.twilio.count('update')).toBe(0)
  expect(world.sinks.stored.get(KEY)?.status).not.toMatchObject({ sid: SID })
})

it('records a sink as the last look has found it', async () => {
  const world = createWorld()
  world.twilio.sinks.set(SID, external())
  await world.start()
  world.twilio.sinks.set(SID, external({ status: 'failed' }))
  await world.apply(KEY, sinkObject())
  await world.settle()
  expect(world.sinks.stored.get(KEY)?.status).toMatchObject({ sid: SID, sinkStatus: 'failed' })
})

it('creates nothing beside a sink that a LIST has shown while the create waited for its slot', async () => {
  const world = createWorld()
  await world.start()
  const { writes } = world.twilio.connect({ name: ACCOUNT }, { username: ACCOUNT_SID, password: 'token' })
  const before = { ...writes }
  const late: typeof writes.withCreateSlot = async (work) => {
    world.twilio.sinks.set(SID, external({ description: marked(1, KEY, 'elsewhere') }))
    world.pass(300_000)
    await reconcileAccount(world.s, ACCOUNT)
    return before.withCreateSlot(work)
  }
  Object.assign(writes, { withCreateSlot: late })
  await world.apply(KEY, sinkObject())
  await world.settle()
  expect(world.twilio.count('create')).toBe(0)
  const { metadata, status } = world.sinks.stored.get(KEY) ?? sinkObject()
  expect(JSON.stringify(status)).toContain('MarkedElsewhere')
  expect(metadata.finalizers, 'nothing is claimed for it').toEqual([])
})
