import { expect, it } from 'vitest'
import { FINALIZER, RECONCILE_REQUESTED_AT_ANNOTATION } from '../../../src/api/group.ts'
import { reconcileAccount } from '../../../src/reconciler/account-reconciler.ts'
import { reconcileSink } from '../../../src/reconciler/sink-reconciler.ts'
import { keyDigest } from '../../../src/external/key-digest.ts'
import { external, SID } from './external.ts'
import { fakeTwilio } from './fake-twilio.ts'
import { ACCOUNT, ACCOUNT_SID, accountObject, createWorld, KEY, sinkObject } from './world.ts'

/** One account behind two TwilioAccounts, or two keys one after the other: what one key shows says nothing of the other. */

const OTHER = 'shop/other'
const YOUNG = 'shop/young'
const RIGHT_KEY = `SK${'1'.repeat(32)}`
/** Belongs to another account of Twilio. */
const WRONG_KEY = `SK${'2'.repeat(32)}`

const valuesOf = (key: string) =>
  new Map([
    ['TWILIO_API_KEY', key],
    ['TWILIO_API_SECRET', 'secret'],
  ])

function twoAccountsOfTwilio() {
  const world = createWorld()
  const wrong = fakeTwilio()
  const secrets = new Map([
    ['twilio', new Map([['TWILIO_AUTH_TOKEN', 'token']])],
    ['other', valuesOf(WRONG_KEY)],
  ])
  const secret: typeof world.s.cluster.secret = async (_, name) => secrets.get(name)
  Object.assign(world.s.cluster, { secret })
  const right = world.s.connectTwilio
  const connectTwilio: typeof right = (account, credential) =>
    credential.username === WRONG_KEY ? wrong.connect(account, credential) : right(account, credential)
  Object.assign(world.s, { connectTwilio })
  return { world, wrong, secrets }
}

/** The first account has a recorded sink; the second, for the same account SID, has a key of another account. */
async function wrongKeyBesideTheRight() {
  const { world, wrong } = twoAccountsOfTwilio()
  world.twilio.sinks.set(SID, external())
  await world.start()
  const status = { sid: SID, accountSid: ACCOUNT_SID, createAttempt: 1 }
  await world.apply(KEY, sinkObject({ metadata: { finalizers: [FINALIZER] }, status }))
  await world.settle()
  const metadata = { name: 'other', uid: 'other' }
  world.accounts.put(OTHER, accountObject({ metadata, spec: { credentialsSecretRef: { name: 'other' } } }))
  await world.accounts.read(OTHER)
  await visit()
  const spec = { accountRef: { name: 'other' } }
  await world.apply(YOUNG, sinkObject({ metadata: { name: 'young', uid: 'young' }, spec }))
  await world.settle()

  async function visit(): Promise<void> {
    world.woken.accounts.add(OTHER)
    await world.settle()
  }
  /** A person asks for a fresh look, which is a GET through the right key. */
  async function lookAtTheFirst(when: string): Promise<void> {
    const { metadata: known, ...object } = world.sinks.stored.get(KEY) ?? sinkObject()
    const annotations = { [RECONCILE_REQUESTED_AT_ANNOTATION]: when }
    await world.apply(KEY, { ...object, metadata: { ...known, annotations } })
    await world.settle()
  }
  const held = () => world.s.registry.get(OTHER)?.hold?.reason
  return { world, wrong, visit, lookAtTheFirst, held }
}

it('does not hold for what another TwilioAccount of the same account SID has recorded', async () => {
  const { world, wrong, held } = await wrongKeyBesideTheRight()
  expect(held()).toBeUndefined()
  expect(wrong.count('create')).toBe(1)
  expect(world.s.registry.get(ACCOUNT)?.hold).toBeUndefined()
})

it('is no witness for the sinks of the other, poll after poll', async () => {
  const { world, visit, lookAtTheFirst } = await wrongKeyBesideTheRight()
  for (const time of ['1', '2', '3']) {
    await lookAtTheFirst(time)
    await visit()
    world.pass(301_000)
    for (const name of [OTHER, ACCOUNT]) world.woken.accounts.add(name)
    await world.settle()
  }
  const kin = world.s.registry.get(OTHER)?.kin
  expect(kin).toEqual(new Set([keyDigest(WRONG_KEY)]))
  expect(world.twilio.sinks.size).toBe(1)
})

it('holds for a key that came while a create through the key before was on its way', async () => {
  const { world, wrong, secrets } = twoAccountsOfTwilio()
  secrets.set('twilio', valuesOf(RIGHT_KEY))
  await world.start()
  const answered = Promise.withResolvers<void>()
  const connect = world.s.connectTwilio
  const connectTwilio: typeof connect = (account, credential) => {
    const api = connect(account, credential)
    if (credential.username !== WRONG_KEY) return api
    const listSinks = async () => {
      const list = await api.listSinks()
      await answered.promise
      return list
    }
    return { ...api, listSinks }
  }
  Object.assign(world.s, { connectTwilio })
  let polled: Promise<unknown> = Promise.resolve()
  world.twilio.created = async () => {
    secrets.set('twilio', valuesOf(WRONG_KEY))
    polled = reconcileAccount(world.s, ACCOUNT)
    await expect.poll(() => wrong.count('list')).toBe(1)
  }
  await world.apply(KEY, sinkObject())
  world.woken.sinks.clear()
  await reconcileSink(world.s, KEY)
  answered.resolve()
  await polled
  expect(world.s.registry.get(ACCOUNT)?.hold?.reason).toBe('UnprovenCredential')
  await world.apply(YOUNG, sinkObject({ metadata: { name: 'young', uid: 'young' } }))
  await world.settle()
  expect(wrong.count('create')).toBe(0)
})
