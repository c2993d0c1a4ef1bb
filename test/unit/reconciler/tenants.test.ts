import { beforeEach, describe, expect, it } from 'vitest'
import { ALLOW_MASS_CHANGE_ANNOTATION, CREATE_ATTEMPT_ANNOTATION, FINALIZER } from '../../../src/api/group.ts'
import { KubernetesFailure } from '../../../src/reconciler/ports.ts'
import { TwilioFailure } from '../../../src/external/failure.ts'
import { external, marked } from './external.ts'
import type { Stored } from './fake-store.ts'
import { fakeTwilio, type FakeTwilio } from './fake-twilio.ts'
import { accountObject, ACCOUNT_SID, createWorld, sinkObject } from './world.ts'

/** Two tenants with Twilio accounts of their own: nothing that the one may write holds, slows or unblocks the other. */

const VICTIM_KEY = `SK${'1'.repeat(32)}`
const ROGUE_KEY = `SK${'2'.repeat(32)}`
const OTHER_SID = `AC${'2'.repeat(32)}`
const VICTIM = 'victim/default'
const ROGUE = 'rogue/default'
const ORDERS = 'victim/orders'

let world: ReturnType<typeof createWorld>
let theirs: FakeTwilio
let groups: Map<string, () => string>
let secrets: Map<string, ReadonlyMap<string, string>>

const keys = (username: string, password = 'secret') =>
  new Map([
    ['TWILIO_API_KEY', username],
    ['TWILIO_API_SECRET', password],
  ])

const names = (key: string) => {
  const [namespace = '', name = ''] = key.split('/')
  return { namespace, name, uid: key }
}

async function putAccount(name: string, accountSid = ACCOUNT_SID, annotations = {}): Promise<void> {
  const before = world.accounts.stored.get(name)
  const metadata = { ...names(name), annotations }
  world.accounts.put(name, {
    ...accountObject({ metadata, spec: { accountSid } }),
    status: before?.['status'],
  })
  await world.accounts.read(name)
  world.woken.accounts.add(name)
}

/** The owner lets all namespaces refer to the account. */
async function putShared(allowedNamespaces: object = { from: 'All' }): Promise<void> {
  const before = world.accounts.stored.get(VICTIM) ?? accountObject()
  world.accounts.put(VICTIM, { ...before, spec: { ...Object(before['spec']), allowedNamespaces } })
  await world.accounts.read(VICTIM)
  world.woken.accounts.add(VICTIM)
}

const putSink = (key: string, by: { metadata?: object; spec?: object; status?: object } = {}) =>
  world.apply(key, sinkObject({ ...by, metadata: { ...names(key), ...by.metadata } }))

async function poll(ms = 301_000): Promise<void> {
  world.pass(ms)
  for (const name of world.accounts.stored.keys()) world.woken.accounts.add(name)
  for (const key of world.sinks.stored.keys()) world.woken.sinks.add(key)
  await world.settle(200)
}

async function remove(key: string): Promise<void> {
  const { metadata, ...object } = world.sinks.stored.get(key) ?? sinkObject()
  const generation = 2
  const deletionTimestamp = new Date(world.s.clock.now()).toISOString()
  await world.apply(key, { ...object, metadata: { ...metadata, generation, deletionTimestamp } })
  await world.settle()
}

interface Status {
  readonly conditions: readonly { readonly reason: string; readonly message: string }[]
}
const statusOf = (stored: Stored | undefined): Status =>
  ({ conditions: [], ...Object(stored?.['status']) }) as Status
const readyOf = (key: string): string | undefined =>
  statusOf(world.sinks.stored.get(key)).conditions[0]?.reason
const heldOf = (name: string) => world.s.registry.get(name)?.hold?.reason

beforeEach(async () => {
  world = createWorld()
  theirs = fakeTwilio('e')
  groups = new Map()
  secrets = new Map([
    ['victim', keys(VICTIM_KEY)],
    ['rogue', keys(ROGUE_KEY)],
  ])
  const ours = world.s.connectTwilio
  const connectTwilio: typeof ours = (account, credential) => {
    groups.set(account.name, account.limits)
    const twilio = credential.username === VICTIM_KEY ? ours : theirs.connect
    if (credential.password === 'secret') return twilio(account, credential)
    const refused = (): Promise<never> =>
      Promise.reject(new TwilioFailure({ kind: 'unauthorized', message: 'no' }))
    return {
      ...twilio(account, credential),
      listSinks: refused,
      listSubscriptions: refused,
      fetchSink: refused,
    }
  }
  Object.assign(world.s, { connectTwilio })
  const secret: typeof world.s.cluster.secret = async (namespace) => secrets.get(namespace)
  Object.assign(world.s.cluster, { secret })
  await putAccount(VICTIM)
  await world.settle()
})

describe('the first hour with an API key', () => {
  it('lets the first sink of a fresh account go as fast as any other: the key that made it is its witness', async () => {
    await putSink(ORDERS)
    await world.settle()
    expect(readyOf(ORDERS)).toBe('Active')
    await remove(ORDERS)
    expect(world.sinks.stored.has(ORDERS)).toBe(false)
    expect(world.twilio.sinks.size).toBe(0)
  })

  it('says what is known of the account: that Twilio accepts the key, and no more', () => {
    const { conditions } = statusOf(world.accounts.stored.get(VICTIM))
    expect(conditions).toMatchObject([{ reason: 'Verified', status: 'True' }])
    expect(conditions[0]?.message).toContain('has not been seen yet')
  })
})

describe('a TwilioAccount with the account SID of another and a foreign key', () => {
  /** Released, and a sink made through it. */
  async function roguePresent(): Promise<void> {
    await putAccount(ROGUE)
    await world.settle()
    const allowed = { [ALLOW_MASS_CHANGE_ANNOTATION]: new Date(world.s.clock.now()).toISOString() }
    await putAccount(ROGUE, ACCOUNT_SID, allowed)
    await putSink('rogue/own')
    await poll(5_000)
  }

  it('proves no absence of what the owner may have made', async () => {
    await roguePresent()
    // The create takes effect, its answer is lost, and nothing is heard of the account for a while.
    world.twilio.created = () => Promise.reject(new TwilioFailure({ kind: 'transient', message: 'lost' }))
    await putSink(ORDERS)
    await world.settle()
    expect(world.twilio.count('create')).toBe(1)
    world.twilio.failing.set('list', 'transient')
    for (let minute = 0; minute < 5; minute += 1) await poll(61_000)
    expect(world.twilio.count('create')).toBe(1)
    world.twilio.failing.clear()
    await poll()
    await poll()
    expect(readyOf(ORDERS)).toBe('Active')
    expect(world.twilio.sinks.size).toBe(1)
  })

  it('is held for its own missing sinks alone', async () => {
    await putSink(ORDERS)
    await roguePresent()
    for (const n of [1, 2, 3, 4, 5, 6]) await putSink(`rogue/many-${n}`)
    await poll()
    theirs.sinks.clear()
    await poll()
    expect([heldOf(VICTIM), heldOf(ROGUE)]).toEqual([undefined, 'MassDisappearance'])
  })

  it('holds nobody else by a create in doubt that it has sent, whatever account its Sink refers to afterwards', async () => {
    await putShared()
    await putSink(ORDERS)
    await putAccount(ROGUE)
    await world.settle()
    theirs.created = () => Promise.reject(new TwilioFailure({ kind: 'transient', message: 'lost' }))
    await putSink('rogue/own')
    await world.settle()
    theirs.sinks.clear()
    const { metadata = names('rogue/own') } = world.sinks.stored.get('rogue/own') ?? {}
    const accountRef = { namespace: 'victim', name: 'default' }
    await putSink('rogue/own', { metadata: { ...metadata, generation: 2 }, spec: { accountRef } })
    await poll()
    await poll()
    expect(heldOf(VICTIM)).toBeUndefined()
    expect(readyOf('rogue/own'), 'the key that sent it has shown that nothing came of it').toBe('Active')
    expect([theirs.sinks.size, world.twilio.sinks.size]).toEqual([0, 2])
  })

  describe('whose Sinks fall to the default account of the operator when it goes', () => {
    const DEFAULT = { defaultAccount: VICTIM }
    const messageOf = (key: string) => statusOf(world.sinks.stored.get(key)).conditions[0]?.message

    beforeEach(async () => {
      Object.assign(world.s.settings, DEFAULT)
      await putShared()
      await putSink(ORDERS)
      await putAccount(ROGUE)
      await world.settle()
      await putSink('rogue/own')
      await world.settle()
      expect(readyOf('rogue/own')).toBe('Active')
      world.accounts.put(ROGUE, undefined)
      await world.accounts.read(ROGUE)
      await poll()
      await poll()
    })

    it('holds nobody but them: what they have recorded came through a key that the default account never had', async () => {
      expect(heldOf(VICTIM)).toBeUndefined()
      await putSink('victim/another')
      await poll()
      expect([ORDERS, 'victim/another', 'rogue/own'].map(readyOf)).toEqual([
        'Active',
        'Active',
        'ChangesHeld',
      ])
      expect(messageOf('rogue/own')).toContain('never had')
      await remove(ORDERS)
      expect(world.sinks.stored.has(ORDERS)).toBe(false)
    })

    it('makes nothing anew of them, and lets none of them go, until a person releases it', async () => {
      const made = world.twilio.count('create')
      await remove('rogue/own')
      await poll()
      expect(world.sinks.stored.has('rogue/own')).toBe(true)
      expect(JSON.stringify(statusOf(world.sinks.stored.get('rogue/own')))).toContain('DeletionBlocked')
      const allowed = { [ALLOW_MASS_CHANGE_ANNOTATION]: new Date(world.s.clock.now()).toISOString() }
      await putAccount(VICTIM, ACCOUNT_SID, allowed)
      await putShared()
      for (const again of [1, 2, 3]) await poll(again * 100_000)
      expect(world.sinks.stored.has('rogue/own')).toBe(false)
      expect(world.twilio.count('create')).toBe(made)
      expect(theirs.sinks.size, 'it is not in this account, and stays').toBe(1)
    })

    it('does so for the next process, too', async () => {
      world = world.another()
      Object.assign(world.s.settings, DEFAULT)
      Object.assign(world.s.cluster, { secret: async (namespace: string) => secrets.get(namespace) })
      await world.accounts.read(VICTIM)
      for (const key of world.sinks.stored.keys()) await world.sinks.read(key)
      await poll()
      expect(heldOf(VICTIM)).toBeUndefined()
      expect([ORDERS, 'rogue/own'].map(readyOf)).toEqual(['Active', 'ChangesHeld'])
    })
  })

  it('shares no limits with the owner, while nothing shows that the keys are of one account', async () => {
    await roguePresent()
    expect(groups.get(ROGUE)?.()).not.toBe(groups.get(VICTIM)?.())
  })

  it('shares them once a sink shows that the keys are of one account', async () => {
    await putSink(ORDERS)
    await world.settle()
    for (const [sid, sink] of world.twilio.sinks) theirs.sinks.set(sid, sink)
    await putAccount(ROGUE)
    await world.settle()
    await poll()
    expect(groups.get(ROGUE)?.()).toBe(groups.get(VICTIM)?.())
  })

  it('keeps no mark in sight that somebody has written into an account of his own', async () => {
    await putAccount(ROGUE, OTHER_SID)
    theirs.sinks.set(
      `DG${'f'.repeat(32)}`,
      external({ sid: `DG${'f'.repeat(32)}`, description: marked(1, ORDERS) }),
    )
    await poll()
    await putSink(ORDERS)
    await world.settle()
    expect(readyOf(ORDERS)).toBe('Active')
  })
})

describe('a release', () => {
  async function putKey(username: string): Promise<void> {
    secrets.set('victim', keys(username))
    await poll()
  }

  async function release(): Promise<void> {
    world.pass(1_000)
    const allowed = { [ALLOW_MASS_CHANGE_ANNOTATION]: new Date(world.s.clock.now()).toISOString() }
    await putAccount(VICTIM, ACCOUNT_SID, allowed)
    for (const again of [1, 2, 3]) await poll(again * 100_000)
    expect(heldOf(VICTIM)).toBeUndefined()
  }

  it('proves nothing: what goes missing later is held again', async () => {
    await putSink(ORDERS)
    await world.settle()
    for (const key of [ROGUE_KEY, VICTIM_KEY]) {
      await putKey(key)
      expect(heldOf(VICTIM)).toBe('UnprovenCredential')
      await release()
    }
    await putKey(ROGUE_KEY)
    expect(heldOf(VICTIM)).toBe('UnprovenCredential')
  })
})

describe('the SID of somebody else’s key in a Secret, with a guess at its secret', () => {
  beforeEach(async () => {
    secrets.set('rogue', keys(VICTIM_KEY, 'guessed'))
    await putSink(ORDERS)
    await putAccount(ROGUE, OTHER_SID)
    await world.settle()
    await poll()
  })

  it('counts for nothing: a key that Twilio has not accepted says nothing', () => {
    expect([heldOf(VICTIM), heldOf(ROGUE)]).toEqual([undefined, undefined])
    expect(world.s.registry.get(ROGUE)?.snapshot.sinks.size).toBe(0)
  })

  it('shares no limits with it', () => {
    expect(groups.get(ROGUE)?.()).not.toBe(groups.get(VICTIM)?.())
  })

  it('finds its SID in no annotation and no status', () => {
    const written = JSON.stringify([...world.sinks.stored.values(), ...world.accounts.stored.values()])
    expect(written).not.toContain(VICTIM_KEY)
  })
})

describe('a journal that somebody has made up', () => {
  const forged = (key: string, accountSid: string) => ({
    annotations: {
      [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify({ uid: key, attempt: 7, accountSid, key: 'x', times: [] }),
    },
  })

  it('counts against no account that the Sink does not refer to', async () => {
    await putAccount(ROGUE, OTHER_SID)
    const metadata = forged('rogue/idle', ACCOUNT_SID)
    await putSink('rogue/idle', { metadata, spec: { suspend: true } })
    await poll()
    expect(heldOf(VICTIM)).toBeUndefined()
    expect(world.s.registry.get(VICTIM)?.hold).toBeUndefined()
  })

  it('holds nobody but its own Sink where it refers to a shared account', async () => {
    await putSink('victim/idle', { metadata: forged('victim/idle', ACCOUNT_SID) })
    await putSink(ORDERS)
    await poll()
    expect(readyOf(ORDERS)).toBe('Active')
    expect(readyOf('victim/idle')).toBe('ChangesHeld')
    expect(heldOf(VICTIM)).toBeUndefined()
  })

  it('keeps no TwilioAccount of somebody else from being deleted', async () => {
    const metadata = forged('rogue/idle', ACCOUNT_SID)
    const spec = { suspend: true, accountRef: { namespace: 'victim', name: 'default' } }
    await putSink('rogue/idle', { metadata, spec })
    await world.settle()
    const account = world.accounts.stored.get(VICTIM)
    const leaving = {
      ...account?.metadata,
      finalizers: [FINALIZER],
      deletionTimestamp: '2026-11-24T12:00:00Z',
    }
    world.accounts.put(VICTIM, {
      ...accountObject(),
      ...account,
      metadata: { ...names(VICTIM), resourceVersion: '0', ...leaving },
    })
    await world.accounts.read(VICTIM)
    world.woken.accounts.add(VICTIM)
    await world.settle()
    expect(world.accounts.stored.get(VICTIM)?.metadata['finalizers'] ?? []).toEqual([])
  })
})

describe('a TwilioAccount that cannot be served', () => {
  it('stops no other: its finalizer is refused', async () => {
    world.accounts.before = (key) => {
      if (key === ROGUE) throw new KubernetesFailure('forbidden', 'a policy says no')
    }
    await putAccount(ROGUE, OTHER_SID)
    world.accounts.put(
      ROGUE,
      accountObject({ metadata: { ...names(ROGUE), finalizers: [] }, spec: { accountSid: OTHER_SID } }),
    )
    await world.accounts.read(ROGUE)
    await putSink('rogue/own')
    await putSink(ORDERS)
    await poll()
    expect(readyOf(ORDERS)).toBe('Active')
  })

  it('stops no other: its Secret cannot be read', async () => {
    const { cluster } = world.s
    const secret: typeof cluster.secret = async (namespace) => {
      if (namespace === 'rogue') throw new KubernetesFailure('unavailable', 'no answer')
      return secrets.get(namespace)
    }
    Object.assign(cluster, { secret })
    await putAccount(ROGUE, OTHER_SID)
    await putSink(ORDERS)
    await poll()
    expect(readyOf(ORDERS)).toBe('Active')
  })
})

describe('a wish to import', () => {
  const sid = `DG${'c'.repeat(32)}`
  const importing = { import: { sid }, deletionPolicy: 'Orphan' }

  it.each([
    ['whose TwilioAccount does not exist', undefined],
    ['through a foreign key with the same account SID', ACCOUNT_SID],
    ['through another account', OTHER_SID],
  ])('of somebody else %s does not count, however old it is', async (_, accountSid) => {
    world.twilio.sinks.set(sid, external({ sid, description: 'Orders' }))
    await poll()
    if (accountSid !== undefined) await putAccount(ROGUE, accountSid)
    await putSink('rogue/thief', { spec: importing, metadata: { creationTimestamp: '2020-01-01T00:00:00Z' } })
    await putSink(ORDERS, { spec: importing })
    await poll()
    expect(readyOf(ORDERS)).toBe('Active')
    expect(JSON.stringify(world.sinks.stored.get('rogue/thief'))).not.toContain('victim')
  })
})

describe('an account for namespaces with a label', () => {
  const SELECTED = { from: 'Selector', selector: { matchLabels: { team: 'sales' } } }
  const accountRef = { namespace: 'victim', name: 'default' }
  const labels = (namespaceLabels: typeof world.s.cluster.namespaceLabels) =>
    Object.assign(world.s.cluster, { namespaceLabels })
  const noLabels = () => Promise.reject(new KubernetesFailure('forbidden', 'may not get namespaces'))

  async function deleteAccount(): Promise<void> {
    const account = world.accounts.stored.get(VICTIM) ?? accountObject()
    const metadata = { ...account.metadata, deletionTimestamp: '2026-11-24T12:00:00Z' }
    world.accounts.put(VICTIM, { ...account, metadata })
    await world.accounts.read(VICTIM)
  }

  beforeEach(async () => {
    labels(async () => ({ team: 'sales' }))
    await putShared(SELECTED)
    await putSink('sales/orders', { spec: { accountRef } })
    await poll()
    expect(readyOf('sales/orders')).toBe('Active')
  })

  it('goes on for its other Sinks when the labels of one namespace cannot be asked for', async () => {
    labels(noLabels)
    const lists = world.twilio.count('list')
    await putSink('rogue/asks', { spec: { accountRef } })
    await putSink(ORDERS)
    await poll()
    expect(readyOf(ORDERS)).toBe('Active')
    expect(world.twilio.count('list')).toBeGreaterThan(lists)
  })

  it.each([
    ['cannot be read', async () => ({ team: 'sales' }), { webhook: { destination: 42 } }],
    ['has a reference that cannot be read', async () => ({ team: 'sales' }), { accountRef: 42 }],
    ['is of a namespace whose labels cannot be asked for', noLabels, {}],
  ])('stays for a Sink that %s, also for a process that has never asked before', async (_, asked, spec) => {
    const sink = world.sinks.stored.get('sales/orders') ?? sinkObject()
    await world.apply('sales/orders', { ...sink, spec: { ...Object(sink['spec']), ...spec } })
    await deleteAccount()
    world = world.another()
    Object.assign(world.s.cluster, { secret: async (namespace: string) => secrets.get(namespace) })
    labels(asked)
    await world.accounts.read(VICTIM)
    await world.sinks.read('sales/orders')
    await poll()
    expect(world.accounts.stored.has(VICTIM)).toBe(true)
  })

  it('goes when no Sink of a namespace with the label is left', async () => {
    labels(async () => ({}))
    await deleteAccount()
    await poll()
    expect(world.accounts.stored.has(VICTIM)).toBe(false)
  })
})
