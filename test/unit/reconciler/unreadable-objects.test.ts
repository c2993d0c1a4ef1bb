import { describe, expect, it } from 'vitest'
import { type Condition, findCondition } from '../../../src/api/condition.ts'
import { CREATE_ATTEMPT_ANNOTATION, FINALIZER } from '../../../src/api/group.ts'
import { accountInventory, sinkInventory } from '../../../src/operator/inventory.ts'
import { sinksSetFree } from '../../../src/reconciler/observe/cache-changes.ts'
import type { ObjectEvent } from '../../../src/reconciler/ports.ts'
import { formatAttempt } from '../../../src/external/create-attempt.ts'
import { external } from './external.ts'
import { ACCOUNT, ACCOUNT_SID, accountObject, createWorld, KEY, sinkObject } from './world.ts'

/**
 * Objects that this version cannot read: a newer CRD knows more words, a hand has edited the status. What can be read of
 * them counts, and they say so themselves.
 */

type World = ReturnType<typeof createWorld>
type Store = World['sinks'] | World['accounts']

const DELETED = '2026-11-24T12:00:00Z'
/** What a newer version may have written, by the member that this one does not understand. */
const ODD_SPEC = { webhook: { destination: 'https://a.example.com/', method: 'PUT' } }
const ODD_ACCOUNT = { allowedNamespaces: { from: 'Nobody' } }

const record = (value: unknown): Record<string, unknown> => ({ ...(value as Record<string, unknown>) })

/** Somebody else writes: what `by` says, over what is stored. */
async function edit(store: Store, key: string, by: { metadata?: object; spec?: object; status?: object }) {
  const { metadata, spec, status, ...rest } = store.stored.get(key) ?? sinkObject()
  const generation = Number(metadata['generation']) + (by.spec === undefined ? 0 : 1)
  store.put(key, {
    ...rest,
    metadata: { ...metadata, generation, ...by.metadata },
    spec: { ...record(spec), ...by.spec },
    status: { ...record(status), ...by.status },
  })
  await store.read(key)
}

async function editSink(world: World, by: Parameters<typeof edit>[2], key = KEY): Promise<void> {
  await edit(world.sinks, key, by)
  world.woken.sinks.add(key)
  await world.settle()
}

async function editAccount(world: World, by: Parameters<typeof edit>[2]): Promise<void> {
  await edit(world.accounts, ACCOUNT, by)
  world.woken.accounts.add(ACCOUNT)
  for (const key of world.sinks.stored.keys()) world.woken.sinks.add(key)
  await world.settle()
}

async function deleteSink(world: World, key = KEY): Promise<void> {
  await editSink(world, { metadata: { deletionTimestamp: DELETED } }, key)
  for (let polls = 0; polls < 5; polls += 1) {
    world.pass(70_000)
    world.woken.accounts.add(ACCOUNT)
    world.woken.sinks.add(key)
    await world.settle()
  }
}

const statusOf = (store: Store, key: string) => {
  const status = record(store.stored.get(key)?.['status'])
  const conditions = (status['conditions'] ?? []) as Condition[]
  const reason = (type: string) => findCondition(conditions, type)?.reason
  return { status, conditions, reason, message: findCondition(conditions, 'Ready')?.message }
}

async function withSink() {
  const world = createWorld()
  const events: ObjectEvent[] = []
  Object.assign(world.s.events, { emit: (event: ObjectEvent) => events.push(event) })
  await world.start()
  await world.apply(KEY, sinkObject())
  await world.settle()
  const { sid } = statusOf(world.sinks, KEY).status
  expect(world.twilio.sinks.has(String(sid))).toBe(true)
  return { world, events, sid: String(sid) }
}

const THIEF = 'shop/thief'
const importing = (sid: string) =>
  sinkObject({
    metadata: { name: 'thief', uid: 'thief', creationTimestamp: '2026-11-24T11:30:00Z' },
    spec: { deletionPolicy: 'Delete', import: { sid } },
  })

describe('a Sink that cannot be read', () => {
  it.each([
    ['the spec', { spec: ODD_SPEC }],
    ['the reference to the account', { spec: { accountRef: 42 } }],
    ['a member of the status', { status: { createAttempt: 'x' } }],
    ['the conditions', { status: { conditions: 'x' } }],
  ])('keeps its sink from every other object, whatever is odd: %s', async (_, by) => {
    const { world, sid } = await withSink()
    world.sinks.before = (key) => {
      if (key === KEY) throw new Error('nothing is written, so that it stays as it is')
    }
    await edit(world.sinks, KEY, by)
    expect(world.s.index.claims(sid)).toMatchObject([{ key: KEY, kind: 'recorded' }])
    await world.apply(THIEF, importing(sid))
    await world.settle()
    expect(statusOf(world.sinks, THIEF).reason('Ready')).toBe('OwnershipConflict')
    await deleteSink(world, THIEF)
    expect(world.twilio.sinks.has(sid)).toBe(true)
  })

  it.each([
    ['has not taken it over yet', {}, 'wished'],
    ['has a record that cannot be read', { status: { sid: 42 } }, 'recorded'],
    ['has a status that cannot be read', { status: 42 }, 'recorded'],
  ])('counts for what it imports when it %s', async (_, by, kind) => {
    const world = createWorld()
    const sid = `DG${'c'.repeat(32)}`
    const spec = { ...ODD_SPEC, deletionPolicy: 'Orphan', import: { sid } }
    world.sinks.put(KEY, { ...sinkObject({ spec }), ...by })
    await world.sinks.read(KEY)
    expect(world.s.index.claims(sid)).toMatchObject([{ key: KEY, kind }])
  })

  it.each([
    ['a record that cannot be read', { status: { sid: 42 } }],
    ['a status that cannot be read', { status: 42 }],
  ])('with %s leaves what it has imported to no older object', async (_, by) => {
    const world = createWorld()
    const sid = `DG${'c'.repeat(32)}`
    world.twilio.sinks.set(sid, external({ sid, description: 'Orders' }))
    await world.start()
    await world.apply(KEY, sinkObject({ spec: { deletionPolicy: 'Delete', import: { sid } } }))
    await world.settle()
    expect(statusOf(world.sinks, KEY).reason('Ready')).toBe('Active')
    world.sinks.put(KEY, { ...(world.sinks.stored.get(KEY) ?? sinkObject()), ...by })
    await world.sinks.read(KEY)
    const { metadata, ...rest } = importing(sid)
    await world.apply(THIEF, {
      ...rest,
      metadata: { ...metadata, creationTimestamp: '2020-01-01T00:00:00Z' },
    })
    await world.settle()
    expect(statusOf(world.sinks, THIEF).reason('Ready')).toBe('OwnershipConflict')
    await deleteSink(world, THIEF)
    expect(world.twilio.sinks.has(sid)).toBe(true)
  })

  it('sets its sink free when it goes: whoever waits for it need not wait for the next poll', async () => {
    const { world, sid } = await withSink()
    await edit(world.sinks, KEY, { spec: ODD_SPEC })
    await world.apply(THIEF, importing(sid))
    const before = world.s.sinks.get(KEY)
    expect(before?.readable).toBe(false)
    expect([...sinksSetFree(world.s, { key: KEY, before, after: before, born: false })]).toEqual([])
    world.sinks.put(KEY, undefined)
    await world.sinks.read(KEY)
    const free = sinksSetFree(world.s, { key: KEY, before, after: undefined, born: false })
    expect([...free]).toEqual([THIEF])
  })

  it('says which field it is, for the generation that it has, and moves on with each edit', async () => {
    const { world, events } = await withSink()
    await editSink(world, { spec: ODD_SPEC })
    const said = statusOf(world.sinks, KEY)
    expect([said.reason('Ready'), said.reason('Stalled')]).toEqual(['InvalidValue', 'InvalidValue'])
    expect(said.message).toContain('spec.webhook.method')
    expect(said.status['observedGeneration']).toBe(2)
    expect(said.status['sid']).toBeDefined()
    await editSink(world, { spec: { description: 'another' } })
    expect(statusOf(world.sinks, KEY).status['observedGeneration']).toBe(3)
    expect(events.filter(({ reason }) => reason === 'InvalidValue')).toHaveLength(1)
  })

  it('is not written anew by each process, and keeps since when it is so', async () => {
    const { world } = await withSink()
    await editSink(world, { spec: ODD_SPEC })
    const before = statusOf(world.sinks, KEY).conditions
    world.pass(3_600_000)
    const next = world.another()
    await next.start()
    expect(next.sinks.patches).toBe(0)
    await editSink(next, { spec: { description: 'another' } })
    const times = (conditions: readonly Condition[]) => conditions.map((one) => one.lastTransitionTime)
    expect(times(statusOf(next.sinks, KEY).conditions)).toEqual(times(before))
  })

  it('keeps what was found out before: the lock of the spec stays open, a second sink stays told', async () => {
    const { world } = await withSink()
    const found = (type: string) => ({
      ...{ type, status: 'True', reason: 'Found', message: '', observedGeneration: 1 },
      lastTransitionTime: DELETED,
    })
    const conditions = ['ReplacementRequired', 'DuplicateFound', 'Reconciling'].map(found)
    await editSink(world, { spec: ODD_SPEC, status: { conditions } })
    const types = statusOf(world.sinks, KEY).conditions.map(({ type }) => type)
    expect(types).toEqual(['Ready', 'Stalled', 'ReplacementRequired', 'DuplicateFound'])
  })

  it('is written whole where its status is no object', async () => {
    const world = createWorld()
    await world.start()
    world.sinks.put(KEY, { ...sinkObject(), status: 'x' })
    await world.sinks.read(KEY)
    world.woken.sinks.add(KEY)
    await world.settle()
    expect(statusOf(world.sinks, KEY).status['observedGeneration']).toBe(1)
  })

  it('writes nothing for a process that does not lead', async () => {
    const world = createWorld(undefined, { since: 0, mayMutate: false })
    await world.apply(KEY, sinkObject({ spec: ODD_SPEC }))
    expect((await world.settle()).last).toEqual({ kind: 'retry' })
    expect(world.sinks.patches).toBe(0)
  })

  it('remembers a create whose end is not known', async () => {
    const world = createWorld()
    const journal = formatAttempt({ uid: 'uid', attempt: 3, accountSid: ACCOUNT_SID, key: 'SK', times: [] })
    const annotations = { [CREATE_ATTEMPT_ANNOTATION]: journal }
    world.sinks.put(KEY, sinkObject({ metadata: { annotations }, spec: ODD_SPEC }))
    await world.sinks.read(KEY)
    expect(
      world.s.names
        .of(KEY)
        .attempts.open(0)
        .map(({ number }) => number),
    ).toEqual([3])
  })

  it('is counted among the Sinks, as not ready', async () => {
    const { world } = await withSink()
    await editSink(world, { spec: ODD_SPEC })
    expect([...sinkInventory(world.s)]).toMatchObject([
      { ready: 'False', sinkStatus: 'active', account: ACCOUNT },
    ])
    expect([...accountInventory(world.s)]).toMatchObject([{ owned: 1, unownedMarked: 0 }])
  })

  it.each([
    ['it refers to it', { spec: ODD_SPEC }],
    ['it has its sink there, and its reference cannot be read', { spec: { accountRef: 42 } }],
  ])('keeps the account from going, since %s', async (_, by) => {
    const { world } = await withSink()
    await editSink(world, by)
    await editAccount(world, {})
    await editAccount(world, { metadata: { deletionTimestamp: DELETED } })
    expect(world.accounts.stored.has(ACCOUNT)).toBe(true)
    world.sinks.put(KEY, undefined)
    await world.sinks.read(KEY)
    world.woken.accounts.add(ACCOUNT)
    await world.settle()
    expect(world.accounts.stored.has(ACCOUNT)).toBe(false)
  })
})

describe('a Sink that cannot be read and is being deleted', () => {
  it('stays, says why and the way out, and takes its sink with it once it can be read', async () => {
    const { world, events, sid } = await withSink()
    await editSink(world, { spec: ODD_SPEC })
    await deleteSink(world)
    const said = statusOf(world.sinks, KEY)
    expect([said.reason('Ready'), said.reason('DeletionBlocked')]).toEqual(['Deleting', 'InvalidValue'])
    expect(said.message).toMatch(/spec\.webhook\.method.*deletionPolicy to Orphan/u)
    expect(events.filter(({ reason }) => reason === 'DeletionBlocked')).toHaveLength(1)
    expect(world.twilio.count('delete')).toBe(0)
    await editSink(world, { spec: { webhook: { destination: 'https://a.example.com/' } } })
    await deleteSink(world)
    expect(world.sinks.stored.has(KEY)).toBe(false)
    expect(world.twilio.sinks.has(sid)).toBe(false)
  })

  it.each([
    ['a person leaves its sink at Twilio', { spec: { ...ODD_SPEC, deletionPolicy: 'Orphan' } }, false],
    ['the definition of Sinks is being deleted', { spec: ODD_SPEC }, true],
  ])('goes when %s, and its sink stays', async (_, by, deleting) => {
    const { world, events, sid } = await withSink()
    world.crd.deleting = deleting
    await editSink(world, by)
    await deleteSink(world)
    expect(world.sinks.stored.has(KEY)).toBe(false)
    expect(world.twilio.sinks.has(sid)).toBe(true)
    expect(events.map(({ reason }) => reason)).toContain('SinkOrphaned')
  })

  it('is left to others when our finalizer is not there', async () => {
    const { world } = await withSink()
    await edit(world.sinks, KEY, { spec: ODD_SPEC, metadata: { finalizers: ['another/finalizer'] } })
    const before = world.sinks.patches
    await deleteSink(world)
    expect(world.sinks.patches).toBe(before)
  })
})

describe('a TwilioAccount that cannot be read', () => {
  it('says which field it is, once, and goes on when it can be read', async () => {
    const { world, events } = await withSink()
    await editAccount(world, { spec: ODD_ACCOUNT })
    const said = statusOf(world.accounts, ACCOUNT)
    expect([said.reason('Ready'), said.reason('Stalled')]).toEqual(['InvalidValue', 'InvalidValue'])
    expect(said.message).toContain('spec.allowedNamespaces.from')
    expect(said.status['observedGeneration']).toBe(2)
    expect(
      events.filter(({ kind, reason }) => kind === 'TwilioAccount' && reason === 'InvalidValue'),
    ).toHaveLength(1)
    expect([...accountInventory(world.s)]).toMatchObject([{ credentialsValid: false }])
    const next = world.another()
    await next.start()
    expect(next.accounts.patches).toBe(0)
    await editAccount(world, { spec: { allowedNamespaces: { from: 'Same' } } })
    expect(statusOf(world.accounts, ACCOUNT).reason('Ready')).toBe('Verified')
    expect(statusOf(world.sinks, KEY).reason('Ready')).toBe('Active')
  })

  it('shows to no other namespace which field it is: it can hold labels', async () => {
    const { world } = await withSink()
    const matchLabels = { 'merger-with-acme': 42 }
    await editAccount(world, { spec: { allowedNamespaces: { from: 'Selector', selector: { matchLabels } } } })
    expect(statusOf(world.sinks, KEY).message).toContain('merger-with-acme')
    const accountRef = { namespace: 'shop', name: 'default' }
    await world.apply(
      'far/asks',
      sinkObject({ metadata: { namespace: 'far', uid: 'far' }, spec: { accountRef } }),
    )
    await world.settle()
    expect(statusOf(world.sinks, 'far/asks').message).toContain('cannot be read')
    expect(JSON.stringify(world.sinks.stored.get('far/asks'))).not.toContain('merger')
  })

  it('is not said to be missing: its Sinks name what is wrong with it', async () => {
    const { world } = await withSink()
    await editAccount(world, { spec: ODD_ACCOUNT })
    const said = statusOf(world.sinks, KEY)
    expect(said.reason('Ready')).toBe('AccountNotReady')
    expect(said.message).toContain('spec.allowedNamespaces.from')
    await deleteSink(world)
    expect(statusOf(world.sinks, KEY).reason('DeletionBlocked')).toBe('InvalidValue')
    expect(world.twilio.count('delete')).toBe(0)
  })

  it.each([
    ['it holds changes, which a restart looks for', 'ChangesHeld', 'MassDisappearance'],
    ['sinks have no object, until a LIST says otherwise', 'SinksUnowned', 'ObjectGone'],
  ])('keeps that %s', async (_, type, reason) => {
    const { world } = await withSink()
    const conditions = [{ type, reason, status: 'True', message: '', lastTransitionTime: DELETED }]
    await editAccount(world, { spec: ODD_ACCOUNT, status: { conditions } })
    expect(statusOf(world.accounts, ACCOUNT).reason(type)).toBe(reason)
  })

  it.each([
    ['its SID can be read', ODD_ACCOUNT],
    ['not even its SID can be read', { accountSid: 42 }],
  ])('gets and loses our finalizer as any other, when %s', async (_, spec) => {
    const world = createWorld()
    world.accounts.put(ACCOUNT, accountObject({ metadata: { finalizers: [] }, spec }))
    await world.start()
    await world.apply(KEY, sinkObject())
    await editAccount(world, {})
    const finalizers = () => world.accounts.stored.get(ACCOUNT)?.metadata['finalizers']
    expect(finalizers()).toEqual([FINALIZER])
    await editAccount(world, { metadata: { deletionTimestamp: DELETED } })
    expect(world.accounts.stored.has(ACCOUNT)).toBe(true)
    world.sinks.put(KEY, undefined)
    await world.sinks.read(KEY)
    await editAccount(world, {})
    expect(world.accounts.stored.has(ACCOUNT)).toBe(false)
  })
})
