import { expect, it } from 'vitest'
import { FINALIZER } from '../../../src/api/group.ts'
import type { ExternalSink } from '../../../src/external/external-sink.ts'
import { external, marked } from './external.ts'
import { ACCOUNT, createWorld, KEY, sinkObject } from './world.ts'

/**
 * An account is shared with people and programs that know nothing of us. Each of these sinks looks as much as it can like
 * the one that the object describes.
 */
const OTHERS: readonly (readonly [what: string, looks: Partial<ExternalSink>])[] = [
  ['without a mark', { description: 'Orders' }],
  ['with the mark of another object', { description: marked(1, 'shop/another') }],
  ['with the mark of another object of another installation', { description: marked(1, 'a/b', 'else') }],
  ['with our mark in the middle of its text', { description: `${marked(1)} and more` }],
  ['with half a mark', { description: marked(1).slice(0, -1) }],
]

type World = ReturnType<typeof createWorld>

async function poll(world: World): Promise<void> {
  world.pass(300_000)
  world.woken.accounts.add(ACCOUNT)
  world.woken.sinks.add(KEY)
  await world.settle()
}

it.each(OTHERS)('a sink %s is left as it is through the whole life of an object', async (_, looks) => {
  const world = createWorld()
  const other = external(looks)
  world.twilio.sinks.set(other.sid, other)
  await world.start()
  await world.apply(KEY, sinkObject())
  await world.settle()
  expect(world.twilio.sinks.size, 'the object has one of its own').toBe(2)
  const object = world.sinks.stored.get(KEY)
  if (object === undefined) throw new Error('The object is gone')
  await world.apply(KEY, { ...object, spec: { ...Object(object.spec), description: 'Edited' } })
  await world.settle()
  await poll(world)
  const metadata = { ...world.sinks.stored.get(KEY)?.metadata, ...object.metadata }
  await world.apply(KEY, {
    ...object,
    metadata: { ...metadata, finalizers: [FINALIZER], deletionTimestamp: '2026-11-24T12:30:00Z' },
  })
  await world.settle()
  await poll(world)
  expect(world.sinks.stored.has(KEY)).toBe(false)
  expect([...world.twilio.sinks.values()]).toEqual([other])
})

it('an import that finds no sink waits for a person and never creates one', async () => {
  const world = createWorld()
  await world.start()
  const sid = `DG${'c'.repeat(32)}`
  await world.apply(KEY, sinkObject({ spec: { import: { sid }, deletionPolicy: 'Orphan' } }))
  await world.settle()
  await poll(world)
  await poll(world)
  expect(world.twilio.sinks.size).toBe(0)
  expect(world.twilio.count('create')).toBe(0)
})

it('an import changes nothing at Twilio, not even the description', async () => {
  const world = createWorld()
  const other = external({ description: 'Orders' })
  world.twilio.sinks.set(other.sid, other)
  await world.start()
  await world.apply(KEY, sinkObject({ spec: { import: { sid: other.sid }, deletionPolicy: 'Orphan' } }))
  await world.settle()
  await poll(world)
  expect(Object(world.sinks.stored.get(KEY)?.status)).toMatchObject({ sid: other.sid })
  expect([...world.twilio.sinks.values()]).toEqual([other])
})
