import { describe, expect, it } from 'vitest'
import { CREATE_ATTEMPT_ANNOTATION, FINALIZER } from '../../../src/api/group.ts'
import { absenceConfirmableSince, NameRecords } from '../../../src/reconciler/memory/name-records.ts'
import { TwilioFailure } from '../../../src/external/failure.ts'
import { keyDigest } from '../../../src/external/key-digest.ts'
import { external, SID } from './external.ts'
import { ACCOUNT, ACCOUNT_SID, createWorld, KEY, sinkObject, type Leading } from './world.ts'

const SETTLE = 60_000
type World = ReturnType<typeof createWorld>

async function started(): Promise<World> {
  const world = createWorld()
  await world.start()
  return world
}

/** It sees what the API server has, and does nothing. */
async function standby(beside: World): Promise<{ world: World; leading: Leading }> {
  const leading = { since: Number.POSITIVE_INFINITY, mayMutate: false }
  return { world: beside.another(leading), leading }
}

/** From now on it leads, and works on everything. */
async function takeOver({ world, leading }: { world: World; leading: Leading }): Promise<void> {
  leading.since = world.s.clock.monotonic()
  leading.mayMutate = true
  await world.start()
}

async function poll(world: World): Promise<void> {
  world.woken.accounts.add(ACCOUNT)
  world.woken.sinks.add(KEY)
  await world.settle()
}

/** The answer to the create is lost, and Twilio shows its sink to nobody yet. */
function hideWhatIsCreated({ twilio }: World): void {
  twilio.listed = () => []
  twilio.created = () => {
    throw new TwilioFailure({ kind: 'transient', message: 'no answer' })
  }
}

describe('a process that takes over', () => {
  it('waits for the create of the former leader, though it saw the object being born', async () => {
    const former = await started()
    const next = await standby(former)
    hideWhatIsCreated(former)
    await former.apply(KEY, sinkObject())
    await next.world.sinks.read(KEY)
    await former.settle()
    await next.world.sinks.read(KEY)
    former.twilio.created = () => undefined
    next.world.pass(SETTLE)
    await takeOver(next)
    next.world.pass(SETTLE - 1_000)
    await poll(next.world)
    expect(former.twilio.count('create'), 'the settle time runs from the start of leadership').toBe(1)
    former.twilio.listed = () => [...former.twilio.sinks.values()]
    next.world.pass(2_000)
    await poll(next.world)
    expect(former.twilio.count('create')).toBe(1)
    expect(next.world.sinks.stored.get(KEY)?.status).toMatchObject({
      sid: [...former.twilio.sinks.keys()][0],
    })
  })

  it('remembers an attempt that it saw as standby, though the journal was stripped since', async () => {
    const former = await started()
    const next = await standby(former)
    hideWhatIsCreated(former)
    await former.apply(KEY, sinkObject())
    await former.settle()
    await next.world.sinks.read(KEY)
    const object = former.sinks.stored.get(KEY)
    if (object === undefined) throw new Error('no object')
    expect(object.metadata['annotations']).toHaveProperty([CREATE_ATTEMPT_ANNOTATION])
    former.sinks.put(KEY, { ...object, metadata: { ...object.metadata, annotations: {}, finalizers: [] } })
    await next.world.sinks.read(KEY)
    former.twilio.created = () => undefined
    await takeOver(next)
    next.world.pass(SETTLE - 1_000)
    await poll(next.world)
    expect(former.twilio.count('create')).toBe(1)
  })

  it('finds the claim of the former leader, though its own view is from before', async () => {
    const former = await started()
    const next = await standby(former)
    hideWhatIsCreated(former)
    await former.apply(KEY, sinkObject())
    await next.world.sinks.read(KEY)
    await former.settle()
    former.twilio.created = () => undefined
    // Its watch is late: it begins with what it saw as standby.
    next.leading.since = next.world.s.clock.monotonic()
    next.leading.mayMutate = true
    await next.world.accounts.read(ACCOUNT)
    await poll(next.world)
    next.world.pass(SETTLE - 1_000)
    await poll(next.world)
    expect(former.twilio.count('create')).toBe(1)
  })

  it('keeps the journal of another leader that its own came in conflict with, though it was stripped at once', async () => {
    const world = await started()
    const other = { uid: 'uid', attempt: 1, accountSid: ACCOUNT_SID, key: keyDigest(ACCOUNT_SID), times: [] }
    world.sinks.before = () => {
      world.sinks.before = () => undefined
      const annotations = { [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify(other) }
      world.sinks.put(KEY, sinkObject({ metadata: { finalizers: [FINALIZER], annotations } }))
      void world.sinks.read(KEY)
      world.sinks.put(KEY, sinkObject())
      void world.sinks.read(KEY)
    }
    await world.apply(KEY, sinkObject())
    await world.settle()
    world.twilio.sinks.set(SID, external())
    world.pass(SETTLE)
    await poll(world)
    expect(world.twilio.count('create'), 'it waits for the sink of the other').toBe(0)
    expect(world.sinks.stored.get(KEY)?.status).toMatchObject({ sid: SID })
  })
})

describe('a process that does not lead', () => {
  it('calls nobody and writes nothing, whatever it is woken for', async () => {
    const former = await started()
    const { world } = await standby(former)
    await former.apply(KEY, sinkObject())
    await world.accounts.read(ACCOUNT)
    await world.sinks.read(KEY)
    const calls = former.twilio.calls.length
    await poll(world)
    expect(former.twilio.calls.length).toBe(calls)
    expect(world.sinks.patches + world.accounts.patches).toBe(0)
  })

  it('claims nothing when it loses the lease while it waits for its turn', async () => {
    let asked = 0
    let isLosing = false
    const leading = {
      since: 0,
      get mayMutate() {
        return !isLosing || (asked += 1) % 2 === 1
      },
    }
    const world = createWorld(undefined, leading)
    await world.start()
    isLosing = true
    await world.apply(KEY, sinkObject())
    await world.settle(5)
    expect(asked).toBeGreaterThan(1)
    expect(world.sinks.patches).toBe(0)
    expect(world.twilio.count('create')).toBe(0)
  })
})

describe('a birth', () => {
  const INPUTS = { settle: SETTLE, journalClosed: false }
  it.each([
    ['that was seen while another led is a first sight like any other', 100, 500, 500],
    ['that was seen while leading needs no LIST of its own', 600, 500, 0],
  ])('%s', (_, at, leadingSince, proofSince) => {
    const names = new NameRecords('installation')
    names.present(KEY, { uid: 'a', at, born: true, touched: false })
    expect(absenceConfirmableSince(names.of(KEY), { ...INPUTS, leadingSince })).toBe(proofSince)
  })
})
