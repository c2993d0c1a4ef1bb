import { expect, it } from 'vitest'
import { FINALIZER } from '../../../src/api/group.ts'
import { ACCOUNT, accountObject, createWorld, KEY, sinkObject } from './world.ts'

type World = ReturnType<typeof createWorld>

/** Each namespace has a key of its own, all of one Twilio account. */
function withKeyEach(world: World): void {
  Object.assign(world.s.cluster, {
    secret: async (namespace: string) => {
      const digits = Buffer.from(namespace).toString('hex').padStart(32, '0').slice(-32)
      return new Map([
        ['TWILIO_API_KEY', `SK${digits}`],
        ['TWILIO_API_SECRET', 'secret'],
      ])
    },
  })
}

const poll = async (world: World): Promise<void> => {
  const entry = world.s.registry.get(ACCOUNT)
  if (entry !== undefined) entry.nextListAt = 0
  world.woken.accounts.add(ACCOUNT)
  await world.settle()
}

/** A namespace with an account and a Sink comes, is Ready, and goes as `kubectl delete` takes it. */
async function comesAndGoes(world: World, namespace: string): Promise<void> {
  const [account, sink] = [`${namespace}/default`, `${namespace}/orders`]
  world.accounts.put(account, accountObject({ metadata: { namespace, uid: `account-${namespace}` } }))
  await world.accounts.read(account)
  world.woken.accounts.add(account)
  await world.apply(sink, sinkObject({ metadata: { namespace, uid: `sink-${namespace}` } }))
  await world.settle()
  const stored = world.sinks.stored.get(sink)
  expect(stored?.metadata['finalizers']).toEqual([FINALIZER])
  if (stored === undefined) return
  const metadata = { ...stored.metadata, deletionTimestamp: '2026-11-24T12:00:00Z' }
  await world.apply(sink, { ...stored, metadata })
  for (let rounds = 0; rounds < 5 && world.sinks.stored.has(sink); rounds += 1) {
    world.pass(61_000)
    world.woken.sinks.add(sink)
    world.woken.accounts.add(account)
    await world.settle()
  }
  expect(world.sinks.stored.has(sink)).toBe(false)
  world.accounts.put(account, undefined)
  await world.accounts.read(account)
  world.woken.accounts.add(account)
  await world.settle()
}

const remembered = ({ s }: World) => ({
  accounts: [...s.registry.all()].length,
  names: s.names.size,
  seen: s.lastSeen.size(),
  keys: s.witnesses.size(),
  subscribers: [...s.registry.all()].map(({ subscribers }) => subscribers.size),
})

it('a process remembers nothing of 100 namespaces that came and went, and all of the one that stays', async () => {
  const world = createWorld()
  withKeyEach(world)
  world.sinks.put(KEY, sinkObject())
  await world.start()
  await poll(world)
  const before = remembered(world)
  for (let number = 0; number < 100; number += 1) await comesAndGoes(world, `preview-${number}`)
  for (let polls = 0; polls < 4; polls += 1) {
    world.pass(300_000)
    await poll(world)
  }
  expect(world.twilio.sinks.size).toBe(1)
  expect(remembered(world)).toEqual(before)
})
