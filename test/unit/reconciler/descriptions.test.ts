import { describe, expect, it } from 'vitest'
import { FINALIZER, RECONCILE_REQUESTED_AT_ANNOTATION } from '../../../src/api/group.ts'
import { findCondition } from '../../../src/api/condition.ts'
import { readMark } from '../../../src/external/ownership-mark.ts'
import { readable } from '../../../src/reconciler/memory/account-of-sink.ts'
import type { SinkChange } from '../../../src/reconciler/ports.ts'
import { external, marked, OTHER_SID, SID } from './external.ts'
import { ACCOUNT, ACCOUNT_SID, createWorld, KEY, sinkObject } from './world.ts'

type World = ReturnType<typeof createWorld>

const POLL = 300_001
const HALF_AN_HOUR = 1_800_000

const status = (world: World) => readable(world.s.sinks.get(KEY))?.status
const ready = (world: World) => findCondition(status(world)?.conditions ?? [], 'Ready')
const version = (world: World) => readable(world.s.sinks.get(KEY))?.metadata.resourceVersion
const textAt = (world: World, sid: string) => readMark(world.twilio.sinks.get(sid)?.description ?? '').text

async function poll(world: World, ms = POLL): Promise<void> {
  world.pass(ms)
  world.woken.accounts.add(ACCOUNT)
  world.woken.sinks.add(KEY)
  await world.settle()
}

async function edit(world: World, by: { metadata?: object; spec?: object }): Promise<void> {
  const { metadata, spec, ...object } = world.sinks.stored.get(KEY) ?? sinkObject()
  await world.apply(KEY, {
    ...object,
    metadata: { ...metadata, ...by.metadata },
    spec: { ...(spec as object), ...by.spec },
  })
  await world.settle()
}

/** What each status that is written says of Ready, with the text that Twilio has at that moment. */
function watched(world: World): { status: string | undefined; text: string | undefined }[] {
  const said: { status: string | undefined; text: string | undefined }[] = []
  const patchStatus = world.sinks.patchStatus.bind(world.sinks)
  world.sinks.patchStatus = async (key, operations) => {
    const cached = await patchStatus(key, operations)
    said.push({ status: ready(world)?.status, text: textAt(world, status(world)?.sid ?? '') })
    return cached
  }
  return said
}

const importing = { import: { sid: SID }, deletionPolicy: 'Orphan' }

describe('a sink that is recorded with another description', () => {
  it.each([
    ['an adoption', { description: marked(1) }, {}],
    ['an import', { description: 'Orders' }, importing],
  ])('is not ready before Twilio has the text of the spec, after %s', async (_, by, spec) => {
    const world = createWorld()
    const said = watched(world)
    world.twilio.sinks.set(SID, external(by))
    await world.start()
    await world.apply(KEY, sinkObject({ spec: { description: 'Other words', ...spec } }))
    await world.settle()
    expect(said.length).toBeGreaterThan(1)
    expect(said.filter((one) => one.status === 'True' && one.text !== 'Other words')).toEqual([])
    expect([ready(world)?.reason, textAt(world, SID)]).toEqual(['Active', 'Other words'])
  })

  it('is not ready while the update fails', async () => {
    const world = createWorld()
    world.twilio.sinks.set(SID, external())
    world.twilio.failing.set('update', 'transient')
    await world.start()
    await world.apply(KEY, sinkObject({ spec: { description: 'Other words' } }))
    await world.settle()
    expect([ready(world)?.status, status(world)?.sid]).toEqual(['Unknown', SID])
    world.twilio.failing.clear()
    await poll(world)
    expect([ready(world)?.status, textAt(world, SID)]).toEqual(['True', 'Other words'])
  })
})

describe('a description', () => {
  const active = async () => {
    const world = createWorld()
    await world.start()
    await world.apply(KEY, sinkObject())
    await world.settle()
    expect(ready(world)?.reason).toBe('Active')
    return world
  }
  const refused = async () => {
    const world = await active()
    const told: string[] = []
    Object.assign(world.s.events, { emit: ({ reason }: { reason: string }) => told.push(reason) })
    world.twilio.failing.set('update', 'refused')
    await edit(world, { metadata: { generation: 2 }, spec: { description: 'Refused words' } })
    return { world, told }
  }

  it('that Twilio refuses stalls the Sink with one event, and is sent again when the spec changes', async () => {
    const { world, told } = await refused()
    expect(ready(world)).toMatchObject({ status: 'False', reason: 'UpdateRefused', observedGeneration: 2 })
    expect(ready(world)?.message).toContain('as the test wants it')
    expect(findCondition(status(world)?.conditions ?? [], 'Stalled')?.reason).toBe('UpdateRefused')
    expect([status(world)?.sinkStatus, status(world)?.observedGeneration]).toEqual(['active', 2])
    const written = version(world)
    for (let polls = 0; polls < 5; polls += 1) await poll(world)
    expect([world.twilio.count('update'), version(world), told]).toEqual([1, written, ['UpdateRefused']])
    world.twilio.failing.clear()
    await edit(world, { metadata: { generation: 3 }, spec: { description: 'Better words' } })
    expect(ready(world)).toMatchObject({ status: 'True', reason: 'Active', observedGeneration: 3 })
    expect(textAt(world, status(world)?.sid ?? '')).toBe('Better words')
  })

  it('that Twilio refuses is sent again now and then, and when a person asks for it', async () => {
    const { world, told } = await refused()
    await poll(world, HALF_AN_HOUR)
    expect(world.twilio.count('update')).toBe(2)
    const annotations = { [RECONCILE_REQUESTED_AT_ANNOTATION]: 'now' }
    await edit(world, { metadata: { annotations } })
    expect([world.twilio.count('update'), ready(world)?.reason]).toEqual([3, 'UpdateRefused'])
    expect(told).toEqual(['UpdateRefused'])
  })

  it('that Twilio refuses is over when the old one is put back', async () => {
    const { world } = await refused()
    await edit(world, { metadata: { generation: 3 }, spec: { description: 'Orders' } })
    expect([world.twilio.count('update'), ready(world)?.reason]).toEqual([1, 'Active'])
  })

  it('is not sent again by the next process, nor written anew', async () => {
    const { world } = await refused()
    const written = version(world)
    const next = world.another()
    await next.start()
    await poll(next)
    expect([next.twilio.count('update'), version(next), ready(next)?.reason]).toEqual([
      1,
      written,
      'UpdateRefused',
    ])
  })

  it('of a sink that is taken over is told in the same way', async () => {
    const world = createWorld()
    world.twilio.sinks.set(OTHER_SID, external({ sid: OTHER_SID, description: marked(1, 'shop/gone') }))
    world.twilio.failing.set('update', 'refused')
    await world.start()
    const spec = { import: { sid: OTHER_SID }, deletionPolicy: 'Orphan' }
    await world.apply(KEY, sinkObject({ metadata: { finalizers: [FINALIZER] }, spec }))
    await world.settle()
    for (let polls = 0; polls < 3; polls += 1) await poll(world)
    expect([world.twilio.count('update'), ready(world)?.reason]).toEqual([1, 'UpdateRefused'])
    world.twilio.failing.clear()
    await edit(world, { metadata: { generation: 2 } })
    expect([ready(world)?.reason, status(world)?.sid]).toEqual(['Active', OTHER_SID])
  })

  it('that is refused does not keep a sink that is gone from being made again', async () => {
    const { world } = await refused()
    world.twilio.sinks.clear()
    for (let polls = 0; polls < 3; polls += 1) await poll(world)
    expect([ready(world)?.reason, world.twilio.count('create')]).toEqual(['Active', 2])
  })

  it('that Twilio answers with another text than was sent is compared at once, and given up after three', async () => {
    const world = await active()
    const api = world.twilio.connect({ name: ACCOUNT }, { username: ACCOUNT_SID, password: 'token' })
    const asked = { ...api.writes }
    const shortening = (change: SinkChange): SinkChange => ({
      ...change,
      updateDescription: async (sid, _, notAfter) =>
        change.updateDescription(sid, `Shortened ${marked(1)}`, notAfter),
    })
    const withChangeSlot: typeof asked.withChangeSlot = (work) =>
      asked.withChangeSlot((change) => work(shortening(change)))
    Object.assign(api.writes, { withChangeSlot })
    await edit(world, { metadata: { generation: 2 }, spec: { description: 'Long words' } })
    expect([world.twilio.count('update'), ready(world)?.reason]).toEqual([3, 'UpdateNotSticking'])
  })
})
