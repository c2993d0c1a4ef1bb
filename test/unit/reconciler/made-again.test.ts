import { describe, expect, it } from 'vitest'
import { CREATE_ATTEMPT_ANNOTATION, FINALIZER } from '../../../src/api/group.ts'
import { ACCOUNT, createWorld, KEY, sinkObject } from './world.ts'

type Status = { sid?: string; conditions: { type: string; reason: string }[] }

async function withSink() {
  const world = createWorld()
  await world.start()
  await world.apply(KEY, sinkObject())
  await world.settle()
  const status = () => world.sinks.stored.get(KEY)?.status as Status
  const later = async () => {
    // A poll shows that it is gone, and the LIST after the settle time proves it.
    for (const ms of [310_000, 70_000]) {
      world.pass(ms)
      world.woken.accounts.add(ACCOUNT)
      world.woken.sinks.add(KEY)
      await world.settle()
    }
  }
  /** Somebody deletes the sink at Twilio, and all time is given to make it again. */
  const lose = async () => {
    world.twilio.sinks.clear()
    await later()
  }
  const journal = () => {
    const annotations = world.sinks.stored.get(KEY)?.metadata['annotations'] as Record<string, string>
    return JSON.parse(annotations[CREATE_ATTEMPT_ANNOTATION] ?? '') as { times: string[] }
  }
  /** As another process, whose memory is empty, would find it. */
  const setJournal = async (by: object) => {
    const { metadata, ...object } = world.sinks.stored.get(KEY) ?? sinkObject()
    const annotations = { [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify(by) }
    world.s.names.left(KEY, 0)
    world.s.names.forget(KEY)
    await world.apply(KEY, { ...object, metadata: { ...metadata, annotations } })
  }
  const reason = () => status().conditions.find(({ type }) => type === 'Ready')?.reason
  return { world, status, lose, later, reason, journal, setJournal }
}

describe('a sink that is deleted at Twilio again and again', () => {
  it('is made three times within an hour, and then no more', async () => {
    const { world, lose, reason } = await withSink()
    for (let times = 0; times < 4; times += 1) await lose()
    expect(world.twilio.count('create')).toBe(3)
    expect(reason()).toBe('RecreatedTooOften')
  })

  it('is made although a clock that was a day ahead has dated creates, and again no more than three times an hour', async () => {
    const { world, lose, reason, journal, setJournal } = await withSink()
    for (let times = 0; times < 2; times += 1) await lose()
    const ahead = (time: string) => new Date(Date.parse(time) + 86_400_000).toISOString()
    await setJournal({ ...journal(), times: journal().times.map(ahead) })
    for (let times = 0; times < 4; times += 1) await lose()
    expect(world.twilio.count('create')).toBe(6)
    expect(reason()).toBe('RecreatedTooOften')
  })

  it('is counted by what was made: a create that never left counts for nothing', async () => {
    const { world, lose, later, reason } = await withSink()
    world.twilio.failing.set('create', 'not-sent')
    await lose()
    await later()
    expect(world.twilio.count('create'), 'enough to be too often').toBeGreaterThanOrEqual(4)
    world.twilio.failing.clear()
    await later()
    expect(reason()).toBe('Active')
    expect(world.twilio.sinks.size).toBe(1)
  })

  it('is counted also when the journal is stripped, as kubectl replace does', async () => {
    const { world, lose, reason } = await withSink()
    for (let times = 0; times < 4; times += 1) {
      const stored = world.sinks.stored.get(KEY) ?? sinkObject()
      const metadata = { ...stored.metadata, finalizers: [], annotations: {} }
      world.sinks.put(KEY, { ...stored, metadata })
      await world.sinks.read(KEY)
      await lose()
    }
    expect(world.twilio.count('create')).toBe(3)
    expect(reason()).toBe('RecreatedTooOften')
    const { annotations, finalizers } = world.sinks.stored.get(KEY)?.metadata as unknown as {
      annotations: Record<string, string>
      finalizers: string[]
    }
    expect(finalizers).toEqual([FINALIZER])
    expect(annotations[CREATE_ATTEMPT_ANNOTATION]).toBeUndefined()
  })
})
