import { describe, expect, it } from 'vitest'
import { reconcileSink } from '../../../src/reconciler/sink-reconciler.ts'
import { readable } from '../../../src/reconciler/memory/account-of-sink.ts'
import { findCondition } from '../../../src/api/condition.ts'
import { fingerprints } from '../../../src/external/external-sink.ts'
import { external, marked, OTHER_SID, SID } from './external.ts'
import { FINALIZER } from '../../../src/api/group.ts'
import { reconcileAccount } from '../../../src/reconciler/account-reconciler.ts'
import { KubernetesFailure } from '../../../src/reconciler/ports.ts'
import { ACCOUNT, accountObject, createWorld, KEY, sinkObject } from './world.ts'

type World = ReturnType<typeof createWorld>

const POLL = 300_001
const URL = 'https://a.example.com/'

const status = (world: World) => readable(world.s.sinks.get(KEY))?.status
const reason = (world: World) => findCondition(status(world)?.conditions ?? [], 'Ready')?.reason
const version = (world: World) => readable(world.s.sinks.get(KEY))?.metadata.resourceVersion

async function poll(world: World): Promise<void> {
  world.pass(POLL)
  world.woken.accounts.add(ACCOUNT)
  await world.settle()
}

describe('an account whose credential is refused and whose Secret is wrong', () => {
  it.each([
    ['gone', 'SecretMissing', undefined],
    ['without the keys', 'SecretInvalid', new Map([['OTHER', 'x']])],
  ])('says that the Secret is %s, and writes nothing more at rest', async (_, expected, values) => {
    const world = createWorld()
    await world.start()
    await world.apply(KEY, sinkObject())
    await world.settle()
    Object.assign(world.s.cluster, { secret: async () => values })
    world.twilio.failing.set('list', 'unauthorized')
    await poll(world)
    const said = () => readable(world.s.accounts.get(ACCOUNT))?.status.conditions
    expect(findCondition(said() ?? [], 'Ready')?.reason).toBe(expected)
    const written = world.accounts.patches + world.sinks.patches
    for (const again of [1, 2, 3]) {
      world.pass(again * 15_000)
      await poll(world)
      world.woken.sinks.add(KEY)
      await world.settle()
    }
    expect(findCondition(said() ?? [], 'Ready')?.reason).toBe(expected)
    expect(world.accounts.patches + world.sinks.patches).toBe(written)
  })
})

describe('an import of what Twilio does not have', () => {
  const importing = (sid: string) => ({ import: { sid }, deletionPolicy: 'Orphan' })

  it('is told once: not anew each hour, and not after a restart', async () => {
    const world = createWorld()
    await world.start()
    await world.apply(KEY, sinkObject({ spec: importing(SID) }))
    await world.settle()
    await poll(world)
    expect(reason(world)).toBe('ImportNotFound')
    const written = version(world)
    for (let polls = 0; polls < 40; polls += 1) await poll(world)
    expect(version(world), 'after three hours').toBe(written)
    expect(world.twilio.count('fetch'), 'asked again now and then').toBeGreaterThan(1)
    const next = world.another()
    await next.start()
    await poll(next)
    expect([reason(next), version(next)], 'after a restart').toEqual(['ImportNotFound', written])
  })

  it('is told no longer once another sink is to be imported, or this one is there', async () => {
    const world = createWorld()
    await world.start()
    await world.apply(KEY, sinkObject({ spec: importing(SID) }))
    await world.settle()
    await poll(world)
    world.twilio.sinks.set(OTHER_SID, external({ sid: OTHER_SID, description: 'Orders' }))
    await world.apply(KEY, sinkObject({ metadata: { generation: 2 }, spec: importing(OTHER_SID) }))
    await world.settle()
    await poll(world)
    expect(reason(world)).toBe('Active')
  })
})

describe('a settled Sink whose value comes from a Secret', () => {
  const settled = async () => {
    const world = createWorld()
    world.secret.set('url', URL)
    const webhook = { destinationSecretRef: { name: 'values', key: 'url' } }
    await world.start()
    await world.apply(KEY, sinkObject({ spec: { webhook } }))
    await world.settle()
    expect(reason(world)).toBe('Active')
    return world
  }

  it('says at the next poll that the value is gone, and goes on as it was', async () => {
    const world = await settled()
    const sid = status(world)?.sid
    world.secret.delete('url')
    await poll(world)
    expect(reason(world)).toBe('SecretMissing')
    expect([status(world)?.sid, status(world)?.sinkStatus]).toEqual([sid, 'active'])
    expect(world.twilio.count('delete') + world.twilio.count('update')).toBe(0)
    world.secret.set('url', URL)
    world.woken.sinks.add(KEY)
    await world.settle()
    expect(reason(world)).toBe('Active')
  })

  it('calls an imported sink active that has just the value, though nobody could create it so', async () => {
    const world = createWorld()
    const url = 'http://made.by.hand.local/'
    world.secret.set('url', url)
    const configuration = fingerprints({ destination: url, method: 'post', batch_events: false })
    world.twilio.sinks.set(SID, external({ description: 'Orders', configuration }))
    const webhook = { destinationSecretRef: { name: 'values', key: 'url' } }
    await world.start()
    await world.apply(KEY, sinkObject({ spec: { webhook, import: { sid: SID }, deletionPolicy: 'Orphan' } }))
    await world.settle()
    expect(reason(world)).toBe('Active')
    world.secret.set('url', `${url}other`)
    await poll(world)
    expect(reason(world)).toBe('InvalidValue')
  })

  it('says that the value is malformed, and still corrects its description', async () => {
    const world = await settled()
    world.secret.set('url', 'no url')
    await poll(world)
    expect(reason(world)).toBe('InvalidValue')
    const [sink] = world.twilio.sinks.values()
    if (sink === undefined) throw new Error('there is no sink')
    world.twilio.sinks.set(sink.sid, { ...sink, description: 'edited by hand' })
    await poll(world)
    expect(world.twilio.sinks.get(sink.sid)?.description).toBe(sink.description)
    expect(reason(world)).toBe('InvalidValue')
  })

  it('is not written again by a process that finds it so', async () => {
    const world = await settled()
    world.secret.delete('url')
    await poll(world)
    const next = world.another()
    next.secret.delete('url')
    const before = version(world)
    await next.start()
    expect([reason(next), version(next)]).toEqual(['SecretMissing', before])
  })
})

it('a restart while the credentials are refused writes nothing, before and after Twilio answers', async () => {
  const world = createWorld()
  world.twilio.failing.set('list', 'unauthorized')
  await world.start()
  await world.apply(KEY, sinkObject())
  await world.settle()
  expect(reason(world)).toBe('AccountNotReady')
  const before = version(world)
  const next = world.another()
  await next.s.accounts.read(ACCOUNT)
  await next.s.sinks.read(KEY)
  await reconcileSink(next.s, KEY)
  expect([reason(next), version(next)]).toEqual(['AccountNotReady', before])
  await next.start()
  expect([reason(next), version(next)]).toEqual(['AccountNotReady', before])
})

it('a refusal is over with the credential that was refused, although Twilio has not answered the next one', async () => {
  const world = createWorld()
  world.twilio.failing.set('list', 'unauthorized')
  await world.start()
  await world.apply(KEY, sinkObject())
  await world.settle()
  world.secret.set('TWILIO_AUTH_TOKEN', 'another')
  world.twilio.failing.set('list', 'transient')
  await poll(world)
  const account = readable(world.s.accounts.get(ACCOUNT))
  expect(findCondition(account?.status.conditions ?? [], 'Ready')?.reason).toBe('TwilioUnreachable')
  expect(reason(world)).toBe('NotYetObserved')
})

describe('a TwilioAccount that the operator cannot see', () => {
  const message = (world: World) => findCondition(status(world)?.conditions ?? [], 'Ready')?.message

  it('is not said to be missing where its namespace is not watched: nobody should create it again', async () => {
    const world = createWorld()
    Object.assign(world.s.settings, { accountNamespaces: ['shop'] })
    await world.start()
    await world.apply(KEY, sinkObject({ spec: { accountRef: { namespace: 'elsewhere', name: 'main' } } }))
    await world.settle()
    expect(reason(world)).toBe('AccountNotReady')
    expect(message(world)).toContain('add elsewhere to --watch-namespaces')
    expect(message(world)).not.toContain('does not exist')
    await world.apply(KEY, sinkObject({ spec: { accountRef: { name: 'main' } } }))
    await world.settle()
    expect(message(world), 'in a namespace that is watched').toContain('shop/main does not exist')
  })
})

describe('a Secret that the API server does not give', () => {
  const failing = new KubernetesFailure('unavailable', 'GET /secrets/twilio: 500 InternalError', {
    status: 500,
  })
  const refuseSecrets = (world: World) =>
    Object.assign(world.s.cluster, { secret: async () => Promise.reject(failing) })
  const readyOf = (world: World) =>
    findCondition(readable(world.s.accounts.get(ACCOUNT))?.status.conditions ?? [], 'Ready')

  it('is the cause that a new account and its Sinks tell, not Twilio', async () => {
    const world = createWorld()
    refuseSecrets(world)
    await world.start()
    await world.apply(KEY, sinkObject())
    await world.settle()
    expect(readyOf(world)?.reason).toBe('SecretMissing')
    expect(readyOf(world)?.message).toContain('500 InternalError')
    expect(reason(world)).toBe('AccountNotReady')
    expect(await reconcileAccount(world.s, ACCOUNT)).toEqual({ kind: 'retry' })
  })

  it('stops no account that works: its credential stays in use, and nothing is written', async () => {
    const world = createWorld()
    await world.start()
    await world.apply(KEY, sinkObject())
    await poll(world)
    await poll(world)
    const written = world.accounts.patches + world.sinks.patches
    const lists = world.twilio.count('list')
    refuseSecrets(world)
    for (let polls = 0; polls < 5; polls += 1) await poll(world)
    expect([readyOf(world)?.reason, reason(world)]).toEqual(['Verified', 'Active'])
    expect(world.twilio.count('list')).toBe(lists + 5)
    expect(world.accounts.patches + world.sinks.patches).toBe(written)
  })

  it('is told after a start once it lasts for three polls, and what was said before stands until then', async () => {
    const world = createWorld()
    await world.start()
    await world.apply(KEY, sinkObject())
    await poll(world)
    const next = world.another()
    refuseSecrets(next)
    await next.start()
    expect([readyOf(next)?.reason, reason(next)]).toEqual(['Verified', 'Active'])
    for (let polls = 0; polls < 4; polls += 1) await poll(next)
    next.woken.sinks.add(KEY)
    await next.settle()
    expect([readyOf(next)?.reason, reason(next)]).toEqual(['SecretMissing', 'AccountNotReady'])
  })
})

describe('a watched namespace that cannot be read', () => {
  const blind = (world: World) => Object.assign(world.s.settings, { unreadNamespaces: () => ['gone'] })

  it('lets nothing be imported that a Sink there may have, and takes nothing from who has it already', async () => {
    const world = createWorld()
    const spec = { import: { sid: SID }, deletionPolicy: 'Orphan' }
    world.twilio.sinks.set(SID, external({ description: 'Orders' }))
    blind(world)
    await world.start()
    await world.apply(KEY, sinkObject({ spec }))
    await world.settle()
    expect(reason(world)).toBe('ImportNotAllowed')
    expect(status(world)?.sid).toBeUndefined()
    Object.assign(world.s.settings, { unreadNamespaces: () => [] })
    await poll(world)
    expect([reason(world), status(world)?.sid]).toEqual(['Active', SID])
    blind(world)
    await poll(world)
    world.woken.sinks.add(KEY)
    await world.settle()
    expect([reason(world), status(world)?.sid]).toEqual(['Active', SID])
  })

  it('keeps the accounts that Sinks there may use, and those of one namespace not', async () => {
    for (const [from, stays] of [
      ['All', true],
      ['Same', false],
    ] as const) {
      const world = createWorld()
      blind(world)
      const metadata = { finalizers: [FINALIZER], deletionTimestamp: '2026-11-24T12:00:00Z' }
      world.accounts.put(ACCOUNT, accountObject({ metadata, spec: { allowedNamespaces: { from } } }))
      await world.start()
      expect(world.accounts.stored.has(ACCOUNT), from).toBe(stays)
    }
  })
})

describe('what is known of a sink stays said while Twilio says nothing new about it', () => {
  const types = (world: World) => (status(world)?.conditions ?? []).map(({ type }) => type).sort()
  /** A person has changed the sink by hand, and there are two of them. */
  const differing = async () => {
    const world = createWorld()
    await world.start()
    await world.apply(KEY, sinkObject())
    await world.settle()
    const [made] = world.twilio.sinks.values()
    if (made === undefined) throw new Error('there is no sink')
    const configuration = fingerprints({ destination: 'https://b.example.com/', method: 'post' })
    world.twilio.sinks.set(made.sid, { ...made, configuration })
    world.twilio.sinks.set(OTHER_SID, external({ sid: OTHER_SID, description: marked(9) }))
    await poll(world)
    expect(types(world)).toEqual(['DuplicateFound', 'Ready', 'ReplacementRequired', 'Stalled'])
    return world
  }

  it.each([
    ['refuses the key', 'unauthorized', 1],
    ['does not answer', 'transient', 4],
  ] as const)(
    'so the lock of the CRD stays open, and no event tells it twice: it %s',
    async (_, kind, polls) => {
      const world = await differing()
      const told: string[] = []
      Object.assign(world.s.events, { emit: ({ reason }: { reason: string }) => told.push(reason) })
      const known = status(world)?.conditions.filter(({ type }) => /^(Repl|Dupl)/u.test(type))
      world.twilio.failing.set('list', kind)
      for (let polled = 0; polled < polls; polled += 1) await poll(world)
      world.woken.sinks.add(KEY)
      await world.settle()
      expect(reason(world)).toBe(kind === 'unauthorized' ? 'AccountNotReady' : 'TwilioUnreachable')
      expect(status(world)?.conditions).toEqual(expect.arrayContaining(known ?? []))
      world.twilio.failing.clear()
      await poll(world)
      await poll(world)
      expect(types(world)).toEqual(['DuplicateFound', 'Ready', 'ReplacementRequired', 'Stalled'])
      expect(told).not.toContain('DuplicateFound')
    },
  )

  it('also while the object is being deleted and waits', async () => {
    const world = await differing()
    const { metadata, ...object } = world.sinks.stored.get(KEY) ?? sinkObject()
    const deletionTimestamp = '2026-11-24T12:00:00Z'
    world.twilio.failing.set('list', 'unauthorized')
    await poll(world)
    await world.apply(KEY, { ...object, metadata: { ...metadata, deletionTimestamp } })
    await world.settle()
    expect(types(world)).toEqual(['DeletionBlocked', 'DuplicateFound', 'Ready', 'ReplacementRequired'])
  })

  it('and no longer once the sink is gone', async () => {
    const world = await differing()
    world.twilio.sinks.clear()
    await poll(world)
    await poll(world)
    expect(types(world)).toEqual(['Ready'])
  })
})
