import { beforeEach, describe, expect, it } from 'vitest'
import { CREATE_ATTEMPT_ANNOTATION, FINALIZER } from '../../../src/api/group.ts'
import { SinkStatus } from '../../../src/api/sink.ts'
import { findCondition } from '../../../src/api/condition.ts'
import { fingerprints } from '../../../src/external/external-sink.ts'
import type { Stored } from './fake-store.ts'
import { external, marked, OTHER_SID, SID } from './external.ts'
import { ACCOUNT, ACCOUNT_SID, accountObject, createWorld, KEY, sinkObject } from './world.ts'

type World = ReturnType<typeof createWorld>

let world: World
beforeEach(() => {
  world = createWorld()
})

const statusOf = (key = KEY): SinkStatus => SinkStatus.parse(world.sinks.stored.get(key)?.status ?? {})
const readyOf = (key = KEY) => findCondition(statusOf(key).conditions, 'Ready')
const objectNow = (key = KEY): Stored => {
  const object = world.sinks.stored.get(key)
  if (object === undefined) throw new Error(`${key} is gone`)
  return object
}

const at = (destination: string) => fingerprints({ destination, method: 'post', batch_events: false })
const ELSEWHERE = 'https://new.example.com/'
const towards = (destination: string) => ({ webhook: { destination } })
/** Twilio answers each destination otherwise than it was sent. */
const REWRITTEN = 'https://a.example.com/rewritten'

async function apply(object: Stored, key = KEY): Promise<void> {
  await world.apply(key, object)
  await world.settle()
}

/** As a person does, whose change brings a new generation. */
async function edit(by: { metadata?: object; spec?: object; status?: object }, key = KEY): Promise<void> {
  const { metadata, spec, status, ...rest } = objectNow(key)
  await apply(
    {
      ...rest,
      metadata: { ...metadata, generation: Number(metadata.generation) + 1, ...by.metadata },
      spec: { ...Object(spec), ...by.spec },
      status: { ...Object(status), ...by.status },
    },
    key,
  )
}

const remove = (key = KEY): Promise<void> =>
  edit({ metadata: { deletionTimestamp: '2026-11-24T12:30:00Z' } }, key)

async function poll(): Promise<void> {
  world.pass(300_000)
  world.woken.accounts.add(ACCOUNT)
  for (const key of world.sinks.stored.keys()) world.woken.sinks.add(key)
  await world.settle()
}

describe('a SID comes into the status with a look at its sink just before', () => {
  const journal = (uid: string) => ({
    [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify({
      uid,
      attempt: 1,
      accountSid: ACCOUNT_SID,
      key: ACCOUNT_SID,
      times: [],
    }),
  })

  it.each([
    ['found by its mark', {}, sinkObject()],
    [
      'that it has made and that differs by now',
      { configuration: at(ELSEWHERE) },
      sinkObject({ metadata: { annotations: journal('uid') } }),
    ],
    [
      'that it imports',
      { description: 'Orders' },
      sinkObject({ spec: { import: { sid: SID }, deletionPolicy: 'Orphan' } }),
    ],
  ])('when it is one %s', async (_, looks, object) => {
    world.twilio.sinks.set(SID, external(looks))
    await world.start()
    await apply(object)
    expect(statusOf().sid).toBe(SID)
    expect(world.twilio.calls.filter((call) => call !== 'list')).toEqual(['fetch'])
  })

  it.each([
    ['though all else agrees', {}],
    ['though all else differs', towards(ELSEWHERE)],
  ])('so that one whose mark a person has taken away since the LIST stays hers, %s', async (_, spec) => {
    world.twilio.sinks.set(SID, external())
    await world.start()
    const hers = external({ description: 'Mine, by hand' })
    world.twilio.sinks.set(SID, hers)
    await apply(sinkObject({ spec }))
    await poll()
    await remove()
    await poll()
    expect(world.twilio.sinks.get(SID)).toEqual(hers)
  })

  it('so that an import which somebody has marked since the LIST is not taken', async () => {
    world.twilio.sinks.set(SID, external({ description: 'Orders' }))
    await world.start()
    world.twilio.sinks.set(SID, external({ description: marked(1, 'shop/another', 'elsewhere') }))
    await apply(sinkObject({ spec: { import: { sid: SID }, deletionPolicy: 'Orphan' } }))
    expect(statusOf().sid).toBeUndefined()
    expect(readyOf()?.reason).toBe('OwnershipConflict')
  })

  it('and says in the same write what has to be replaced, never that all is well', async () => {
    world.twilio.sinks.set(SID, external({ configuration: at(ELSEWHERE) }))
    await world.start()
    await apply(sinkObject({ metadata: { annotations: journal('uid'), finalizers: [FINALIZER] } }))
    expect(readyOf()?.reason).toBe('ReplacementRequired')
    expect(objectNow().metadata.resourceVersion, 'applied, and written once').toBe('2')
  })

  it('and is compared at once: the description of the spec is at Twilio before the next poll', async () => {
    world.twilio.sinks.set(SID, external({ description: marked(1, KEY, undefined, 'Old words') }))
    await world.start()
    await apply(sinkObject({ spec: { description: 'New words' } }))
    expect(world.twilio.sinks.get(SID)?.description).toBe(marked(1, KEY, undefined, 'New words'))
  })
})

describe('identity is the mark, and configuration is compared afterwards', () => {
  const old = external({ description: marked(1, KEY, 'old-cluster'), configuration: at(REWRITTEN) })

  it('a cluster that was built again makes no second sink, though Twilio shows another destination', async () => {
    world.twilio.sinks.set(SID, old)
    await world.start()
    await apply(sinkObject())
    await poll()
    expect(world.twilio.count('create')).toBe(0)
    expect(readyOf()?.reason).toBe('MarkedElsewhere')
  })

  it('a sink that is taken over is taken as it is, or left as it is until the spec says what it is', async () => {
    world.twilio.sinks.set(SID, old)
    const id = marked(1, KEY, 'old-cluster').slice(-22, -16)
    world.accounts.put(
      ACCOUNT,
      accountObject({ spec: { otherInstallations: [{ id, treatAs: 'TakeOver' }] } }),
    )
    await world.start()
    await apply(sinkObject())
    expect(readyOf()).toMatchObject({ reason: 'OwnershipConflict' })
    expect(readyOf()?.message).toContain('destination')
    expect(world.twilio.sinks.get(SID)).toEqual(old)
    await edit({ spec: towards(REWRITTEN) })
    expect(readyOf()?.reason).toBe('Active')
    expect(statusOf().sid).toBe(SID)
    expect(world.twilio.count('create')).toBe(0)
  })

  it('an object that comes back from a backup is active again, though Twilio rewrites what was sent', async () => {
    world.twilio.created = ({ sid }) => {
      const sink = world.twilio.sinks.get(sid)
      if (sink !== undefined) world.twilio.sinks.set(sid, { ...sink, configuration: at(REWRITTEN) })
    }
    await world.start()
    await apply(sinkObject())
    const { annotations } = objectNow().metadata
    const { sid } = statusOf()
    expect(sid).toBeDefined()
    world = world.another()
    await world.start()
    await apply(sinkObject({ metadata: { uid: 'restored', annotations } }))
    expect(readyOf()?.reason).toBe('Active')
    expect(statusOf()).toMatchObject({ sid, notComparable: ['destination'] })
    expect(world.twilio.count('create')).toBe(1)
  })

  it('no digest of what was sent is in the journal where a value comes from a Secret: it could be guessed', async () => {
    world.secret.set('url', 'https://a.example.com/secret')
    await world.start()
    await apply(sinkObject({ spec: { webhook: { destinationSecretRef: { name: 's', key: 'url' } } } }))
    expect(readyOf()?.reason).toBe('Active')
    const annotations = Object.entries(objectNow().metadata['annotations'] ?? {})
    const [, text] = annotations.find(([name]) => name === CREATE_ATTEMPT_ANNOTATION) ?? []
    const journal: unknown = JSON.parse(String(text))
    expect(journal).toMatchObject({ attempt: 1 })
    expect(journal).not.toHaveProperty('sent')
  })

  it('an object that comes back from Git says what differs and is active once its spec says it', async () => {
    world.twilio.sinks.set(SID, external({ configuration: at(REWRITTEN) }))
    await world.start()
    await apply(sinkObject())
    expect(readyOf()?.reason).toBe('OwnershipConflict')
    expect(readyOf()?.message).toContain('destination')
    await edit({ spec: towards(REWRITTEN) })
    expect(readyOf()?.reason).toBe('Active')
    expect(world.twilio.count('create')).toBe(0)
  })
})

describe('a SID that somebody has written into a status', () => {
  const handMade = external({
    sid: OTHER_SID,
    description: 'Made by hand',
    dateCreated: '2020-01-01T00:00:00Z',
  })

  it.each([
    ['of a new object', false, {}],
    ['of an object with a sink of its own', true, {}],
    [
      'beside an import that the account does not allow',
      false,
      { import: { sid: OTHER_SID }, deletionPolicy: 'Delete' },
    ],
  ])('%s is a conflict: the sink is neither changed nor deleted', async (_, ownFirst, spec) => {
    const key = 'other/orders'
    world.accounts.put(ACCOUNT, accountObject({ spec: { allowedNamespaces: { from: 'All' } } }))
    world.twilio.sinks.set(OTHER_SID, handMade)
    await world.start()
    const ref = { accountRef: { name: 'default', namespace: 'shop' } }
    const forged = { sid: OTHER_SID, accountSid: ACCOUNT_SID, createAttempt: 1 }
    const metadata = { namespace: 'other' }
    if (ownFirst) await apply(sinkObject({ metadata, spec: ref }), key)
    else await apply(sinkObject({ metadata, spec: { ...ref, ...spec, suspend: true } }), key)
    await edit({ spec: { suspend: false }, status: forged }, key)
    await poll()
    expect(readyOf(key)?.reason).toBe('OwnershipConflict')
    await remove(key)
    await poll()
    expect(findCondition(statusOf(key).conditions, 'DeletionBlocked')?.reason).toBe('OwnershipConflict')
    expect(world.twilio.sinks.get(OTHER_SID)).toEqual(handMade)
  })

  const forger = (status: object) =>
    sinkObject({
      metadata: { name: 'forger', uid: 'a', creationTimestamp: '2020-01-01T00:00:00Z' },
      spec: { suspend: true },
      status,
    })

  it('keeps nobody from the sink whose mark it carries', async () => {
    world.twilio.sinks.set(SID, external())
    await world.start()
    await apply(forger({ sid: SID }), 'shop/forger')
    await apply(sinkObject())
    expect(readyOf()?.reason).toBe('Active')
    expect(statusOf().sid).toBe(SID)
  })

  it('takes nothing from the one who has recorded it, with all that his status says', async () => {
    world.twilio.sinks.set(SID, external())
    await world.start()
    await apply(sinkObject())
    await apply(forger({ ...statusOf(), conditions: [] }), 'shop/forger')
    await poll()
    expect(readyOf()?.reason).toBe('Active')
    const object = world.sinks.stored.get(KEY) ?? sinkObject()
    const leaving = { ...object.metadata, deletionTimestamp: new Date(world.s.clock.now()).toISOString() }
    await apply({ ...object, metadata: leaving })
    expect(world.sinks.stored.has(KEY)).toBe(false)
    expect(world.twilio.sinks.has(SID)).toBe(false)
  })
})

it('is not tried again and again where the object is gone and the watch has not told it yet', async () => {
  world.twilio.sinks.set(SID, external())
  await world.start()
  world.sinks.put(KEY, sinkObject({ metadata: { finalizers: [FINALIZER] } }))
  await world.sinks.read(KEY)
  world.sinks.stored.delete(KEY)
  world.woken.sinks.add(KEY)
  const { passes, last } = await world.settle()
  expect(last?.kind).toBe('change')
  expect(passes).toBeLessThan(5)
})

describe('a recorded sink without mark', () => {
  it('gets its mark back when somebody has taken it away: the status knows when the sink was made', async () => {
    await world.start()
    await apply(sinkObject())
    const { sid = '' } = statusOf()
    world.twilio.sinks.set(sid, { ...external({ sid }), description: 'by hand' })
    await poll()
    expect(world.twilio.sinks.get(sid)?.description).toBe(marked(1))
  })

  it('stays with its object when import is taken out of the spec, and gets its mark', async () => {
    world.twilio.sinks.set(SID, external({ description: 'Orders' }))
    await world.start()
    await apply(sinkObject({ spec: { import: { sid: SID }, deletionPolicy: 'Delete' } }))
    const { spec, ...rest } = objectNow()
    const { import: _, ...others } = Object(spec)
    await apply({ ...rest, spec: others })
    expect(readyOf()?.reason).toBe('Active')
    expect(world.twilio.sinks.get(SID)?.description).toBe(marked(1))
  })
})

describe('what was let go by Orphan', () => {
  beforeEach(async () => {
    await world.start()
    await apply(sinkObject({ spec: { deletionPolicy: 'Orphan' } }))
    await remove()
    expect(world.sinks.stored.has(KEY)).toBe(false)
  })
  const again = (spec: object) => sinkObject({ metadata: { uid: 'second' }, spec })

  it('is not taken back by a Sink of that name that wants something else, nor deleted with it', async () => {
    const left = [...world.twilio.sinks.values()]
    await apply(again(towards(ELSEWHERE)))
    await poll()
    expect(readyOf()?.reason).toBe('OwnershipConflict')
    expect(statusOf().sid).toBeUndefined()
    expect(objectNow().metadata.finalizers, 'it can go at once').toEqual([])
    await edit({ metadata: { finalizers: [FINALIZER] } })
    await remove()
    await poll()
    expect([...world.twilio.sinks.values()]).toEqual(left)
    expect(world.twilio.count('create')).toBe(1)
  })

  it('is taken back as it is, and an event says so', async () => {
    const said: string[] = []
    world.s.events.emit = ({ reason }) => said.push(reason)
    await apply(again({}))
    expect(readyOf()?.reason).toBe('Active')
    expect(said).toContain('SinkAdopted')
    expect(world.twilio.count('create')).toBe(1)
  })

  it('leaves its name for a new sink once somebody has taken the mark out of its description', async () => {
    const [left] = world.twilio.sinks.values()
    if (left === undefined) throw new Error('there is no sink')
    await apply(again(towards(ELSEWHERE)))
    world.twilio.sinks.set(left.sid, { ...left, description: 'Orders' })
    await poll()
    await poll()
    expect(readyOf()?.reason).toBe('Active')
    expect(statusOf().sid).not.toBe(left.sid)
  })
})
