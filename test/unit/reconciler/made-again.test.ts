import { describe, expect, it } from 'vitest'
import { CREATE_ATTEMPT_ANNOTATION, FINALIZER } from '../../../src/api/group.ts'
import { external, marked } from './external.ts'
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

describe('a create that Twilio does not answer', () => {
  /** A poll and all that follows from it, every ten seconds for so long. */
  async function pass(world: ReturnType<typeof createWorld>, seconds: number) {
    for (let passed = 0; passed < seconds; passed += 10) {
      world.pass(10_000)
      world.woken.accounts.add(ACCOUNT)
      world.woken.sinks.add(KEY)
      await world.settle()
    }
  }
  const unanswered = async () => {
    const world = createWorld()
    await world.start()
    world.twilio.failing.set('create', 'transient')
    await world.apply(KEY, sinkObject())
    await world.settle()
    const ready = () =>
      (world.sinks.stored.get(KEY)?.status as Status).conditions.find(({ type }) => type === 'Ready')?.reason
    return { world, ready }
  }

  it('is sent again after one settle time, then after two, then after four and no more within an hour', async () => {
    const { world, ready } = await unanswered()
    const sent: number[] = []
    for (let seconds = 0; seconds <= 3_590; seconds += 10) {
      while (sent.length < world.twilio.count('create')) sent.push(seconds)
      if (seconds < 3_590) await pass(world, 10)
    }
    expect(sent.length).toBe(3)
    const [first = 0, second = 0, third = 0] = sent
    expect([second - first, third - second].map((wait) => Math.floor(wait / 60))).toEqual([1, 2])
    expect(ready()).toBe('RecreatedTooOften')
    await pass(world, 120)
    expect(world.twilio.count('create'), 'when an hour has passed').toBe(4)
  })

  it('says in doubt as long as it waits, and then that there were too many', async () => {
    const { world, ready } = await unanswered()
    await pass(world, 10)
    expect(ready()).toBe('CreateOutcomeUnknown')
    await pass(world, 900)
    expect(ready()).toBe('RecreatedTooOften')
  })

  it('makes three sinks at most where Twilio makes them five minutes late, and takes one up', async () => {
    const { world, ready } = await unanswered()
    await pass(world, 290)
    const { attempts } = world.s.names.of(KEY)
    for (let number = 1; number <= attempts.highest(); number += 1) {
      const sid = `DG${'9'.repeat(31)}${number}`
      world.twilio.sinks.set(sid, external({ sid, description: marked(number) }))
    }
    await pass(world, 600)
    expect(world.twilio.sinks.size).toBeLessThanOrEqual(3)
    expect(world.twilio.count('create')).toBeLessThanOrEqual(3)
    // A person decides which of several it is.
    expect(['Active', 'Ambiguous']).toContain(ready())
  })
})
