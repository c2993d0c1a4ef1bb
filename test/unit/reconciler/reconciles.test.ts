import { describe, expect, it } from 'vitest'
import {
  CREATE_ATTEMPT_ANNOTATION,
  FINALIZER,
  TEST_REQUESTED_AT_ANNOTATION,
  VALIDATE_ANNOTATION,
} from '../../../src/api/group.ts'
import { formatAttempt } from '../../../src/external/create-attempt.ts'
import { external, SID } from './external.ts'
import { ACCOUNT, ACCOUNT_SID, createWorld, KEY, sinkObject } from './world.ts'

const RECORDED = { sid: SID, accountSid: ACCOUNT_SID, createAttempt: 1 }
const MANY = 50

async function started() {
  const world = createWorld()
  await world.start()
  return world
}

type Status = {
  sid?: string
  conditions: { type: string; message: string }[]
  lastTest?: object
  lastValidation?: object
}
const statusOf = (world: Awaited<ReturnType<typeof started>>) => world.sinks.stored.get(KEY)?.status as Status

describe('a Sink that is created', () => {
  it('has one external sink, recorded with two writes', async () => {
    const world = await started()
    await world.apply(KEY, sinkObject())
    expect((await world.settle()).passes).toBeLessThan(MANY)
    expect([...world.twilio.sinks.keys()]).toEqual([statusOf(world).sid])
    expect(world.sinks.patches).toBe(2)
  })

  it('waits for the create of another process that claimed the same number first', async () => {
    const world = await started()
    await world.apply(KEY, sinkObject())
    const annotation = formatAttempt({
      uid: 'uid',
      attempt: 1,
      accountSid: ACCOUNT_SID,
      key: ACCOUNT_SID,
      times: [],
    })
    world.sinks.before = () => {
      world.sinks.before = () => undefined
      const metadata = { finalizers: [FINALIZER], annotations: { [CREATE_ATTEMPT_ANNOTATION]: annotation } }
      world.sinks.put(KEY, sinkObject({ metadata }))
    }
    await world.settle()
    expect(world.twilio.count('create'), 'a second create would make a duplicate').toBe(0)
    world.twilio.sinks.set(SID, external())
    world.pass(300_000)
    world.woken.accounts.add(ACCOUNT)
    await world.settle()
    expect(statusOf(world).sid).toBe(SID)
    expect(world.twilio.count('create')).toBe(0)
  })

  it('leaves no sink behind when the object was taken away by force meanwhile', async () => {
    const world = await started()
    await world.apply(KEY, sinkObject())
    world.twilio.created = () => world.sinks.put(KEY, undefined)
    await world.settle()
    expect(world.twilio.count('create')).toBe(1)
    expect([...world.twilio.sinks.keys()]).toEqual([])
  })

  it.each([
    ['comes too late', 'not-sent'],
    ['is throttled', 'rate-limited'],
  ] as const)('leaves no sink behind when the DELETE of a surplus %s at first', async (_, kind) => {
    const world = await started()
    await world.apply(KEY, sinkObject())
    world.twilio.created = () => world.sinks.put(KEY, undefined)
    world.twilio.failing.set('delete', kind)
    Object.assign(world.s, {
      pause: async () => {
        if (world.twilio.count('delete') > 0) world.twilio.failing.clear()
      },
    })
    await world.settle()
    expect([...world.twilio.sinks.keys()]).toEqual([])
    expect(world.twilio.calls.filter((call) => call === 'fetch' || call === 'delete')).toEqual([
      'fetch',
      'delete',
      'fetch',
      'delete',
    ])
  })

  it('keeps its sink when a new object has come under the name before the sink is deleted as surplus', async () => {
    const world = await started()
    await world.apply(KEY, sinkObject())
    world.twilio.created = () => world.sinks.put(KEY, undefined)
    const api = world.twilio.connect({ name: ACCOUNT }, { username: ACCOUNT_SID, password: 'token' })
    const asked = { ...api }
    Object.assign(api, {
      fetchSink: async (sid: string) => {
        const found = await asked.fetchSink(sid)
        Object.assign(api, asked)
        world.sinks.put(KEY, sinkObject({ metadata: { uid: 'new' } }))
        return found
      },
    })
    await world.settle()
    expect(world.twilio.count('fetch'), 'before the DELETE, and before the record').toBe(2)
    expect(world.twilio.count('delete'), 'the new object is the one that the mark leads to').toBe(0)
  })

  it('keeps its sink when the object cannot be read meanwhile', async () => {
    const world = await started()
    await world.apply(KEY, sinkObject())
    world.twilio.created = () => {
      const { webhook, ...metadata } = { webhook: 7, finalizers: [FINALIZER] }
      world.sinks.put(KEY, sinkObject({ metadata, spec: { webhook } }))
    }
    await world.settle()
    expect(world.twilio.sinks.size).toBe(1)
    expect(world.twilio.count('delete')).toBe(0)
  })

  it.each([
    ['the key may read and not write', 'forbidden'],
    ['the request never left', 'not-sent'],
  ] as const)('backs off and says why when %s', async (_, kind) => {
    const world = await started()
    world.twilio.failing.set('create', kind)
    await world.apply(KEY, sinkObject())
    const { passes, last } = await world.settle(MANY)
    expect(passes).toBeLessThan(MANY)
    expect(last).toEqual({ kind: 'retry' })
    expect(world.twilio.count('create')).toBe(1)
    expect(JSON.stringify(statusOf(world).conditions)).toContain('as the test wants it')
  })
})

describe('a Sink whose sink is not seen', () => {
  it('asks for no LIST after LIST while the key is not proven', async () => {
    const world = createWorld()
    world.secret.clear()
    world.secret.set('TWILIO_API_KEY', `SK${'1'.repeat(32)}`).set('TWILIO_API_SECRET', 'secret')
    await world.apply(KEY, sinkObject({ metadata: { finalizers: [FINALIZER] }, status: RECORDED }))
    await world.start()
    world.pass(70_000)
    world.woken.sinks.add(KEY)
    const { passes } = await world.settle(MANY)
    expect(passes).toBeLessThan(MANY)
    expect(world.twilio.count('create'), 'an unproven key proves no absence').toBe(0)
    expect(world.twilio.count('list')).toBeLessThan(5)
  })
})

describe('a Sink that is deleted', () => {
  const deleted = { finalizers: [FINALIZER], deletionTimestamp: '2026-11-24T11:00:00Z' }

  it('waits for a subscription also when its SID is not recorded', async () => {
    const world = await started()
    world.twilio.sinks.set(SID, external())
    world.twilio.failing.set('delete', 'in-use')
    world.pass(300_000)
    world.woken.accounts.add(ACCOUNT)
    await world.apply(KEY, sinkObject({ metadata: deleted }))
    const { passes } = await world.settle(MANY)
    expect(passes).toBeLessThan(MANY)
    expect(world.twilio.count('delete')).toBe(1)
  })

  it('is believed by discovery only ten seconds after this process has seen it, whatever the clocks say', async () => {
    const world = await started()
    world.crd.source = 'discovery'
    world.twilio.sinks.set(SID, external())
    world.pass(300_000)
    world.woken.accounts.add(ACCOUNT)
    await world.apply(KEY, sinkObject({ metadata: deleted, status: RECORDED }))
    const { last } = await world.settle(MANY)
    expect(world.twilio.count('delete')).toBe(0)
    expect(last?.kind).toBe('after')
    world.pass(10_000)
    world.woken.sinks.add(KEY)
    await world.settle(MANY)
    expect(world.twilio.count('delete')).toBe(1)
  })
})

describe('a Sink that is asked for a test and a validation at once', () => {
  it('answers both with the poll that follows', async () => {
    const world = await started()
    world.twilio.sinks.set(SID, external())
    world.pass(300_000)
    world.woken.accounts.add(ACCOUNT)
    const annotations = { [TEST_REQUESTED_AT_ANNOTATION]: 'now', [VALIDATE_ANNOTATION]: 'id' }
    await world.apply(
      KEY,
      sinkObject({ metadata: { finalizers: [FINALIZER], annotations }, status: RECORDED }),
    )
    await world.settle(MANY)
    world.pass(15_000)
    world.woken.accounts.add(ACCOUNT)
    await world.settle(MANY)
    expect(statusOf(world).lastTest).toBeDefined()
    expect(statusOf(world).lastValidation).toBeDefined()
    expect(world.twilio.count('test')).toBe(1)
  })
})
