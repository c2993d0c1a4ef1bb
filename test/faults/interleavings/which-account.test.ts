import { afterAll, beforeAll, expect, test } from 'vitest'
import { condition, type SinkObject, destinationOf } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { hex, newRandomSid } from '../../rigs/simulator/sids.ts'
import { ready, sink } from '../../integration/operator/stage.ts'
import { expectAllRight, expectStrangersUntouched, says } from './oracle.ts'
import { setScene, type Scene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await setScene({ name: 'which' })
})
afterAll(() => scene.end())

interface Account {
  readonly sid: string
  readonly token: string
}

/** Another account at Twilio. */
async function newAccount(): Promise<Account> {
  const account = { sid: newRandomSid('AC'), token: `token-${hex(8)}` }
  await scene.simulator.admin.addAccount({ sid: account.sid, authToken: account.token })
  return account
}

/** The TwilioAccount, with a Secret of its name. */
async function applyAccount(
  name: string,
  sid: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  await scene.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: values })
  await scene.apply({
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: 'TwilioAccount',
    metadata: { name },
    spec: { accountSid: sid, credentialsSecretRef: { name } },
  })
}

const inAccount = async ({ sid }: Account) =>
  (await scene.simulator.admin.sinks()).filter(({ account }) => account === sid)

async function removeAccount(name: string): Promise<void> {
  await scene.kubectl(['delete', 'twilioaccount', name, '--wait=false', '--ignore-not-found'])
}
const accountGone = (name: string) =>
  until(`account ${name} is gone`, async () => (await scene.get('twilioaccounts', name)) === undefined)

const deletes = async (since: number) =>
  (await scene.changes(since)).filter(({ operation }) => operation === 'DeleteSink')

/** A Sink whose create was processed and whose answer never came; resolves when Twilio has made the sink. */
async function inDoubt(name: string, spec: Readonly<Record<string, unknown>>): Promise<void> {
  const swallowed = scene.proxy.onRequest({
    match: { name: 'twilio:CREATE:Sinks', when: ({ body }) => body.includes(name) },
    action: { kind: 'swallow', phase: 'after' },
  })
  await scene.apply(sink(name, spec))
  await swallowed.struck
}

test('account deleted and re-created with another SID', async () => {
  const [first, second] = [await newAccount(), await newAccount()]
  await applyAccount('moving', first.sid, { TWILIO_AUTH_TOKEN: first.token })
  const accountRef = { name: 'moving' }
  await scene.make('recorded', { accountRef })
  await scene.make('leaving', { accountRef })
  await inDoubt('doubtful', { accountRef })
  const before = await inAccount(first)
  const since = await scene.last()

  await removeAccount('moving')
  const { metadata } = await until('the account is kept', async () => {
    const account = await scene.get<SinkObject>('twilioaccounts', 'moving')
    return account?.metadata.deletionTimestamp !== undefined && account
  })
  expect(metadata.finalizers, 'an account stays while a Sink refers to it').toHaveLength(1)
  await scene.kubectl([
    'patch',
    'twilioaccount',
    'moving',
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":null}}',
  ])
  await accountGone('moving')
  await applyAccount('moving', second.sid, { TWILIO_AUTH_TOKEN: second.token })
  for (const name of ['recorded', 'doubtful']) await says(scene, name, 'Ready', 'AccountMismatch')
  await scene.remove('leaving')
  await says(scene, 'leaving', 'DeletionBlocked', 'AccountMismatch')
  await scene.operator().kill()
  await scene.restart()
  await says(scene, 'doubtful', 'Ready', 'AccountMismatch')
  expect(await inAccount(second), 'nothing is made in the other account').toEqual([])
  expect(await inAccount(first), 'nothing is lost in the account of before').toEqual(before)
  expect(await scene.changes(since)).toEqual([])

  await removeAccount('moving')
  await accountGone('moving')
  await applyAccount('moving', first.sid, { TWILIO_AUTH_TOKEN: first.token })
  await expectAllRight(scene, { alive: ['recorded', 'doubtful'], dead: ['leaving'] })
  expect(await inAccount(second)).toEqual([])
})

test('default account changed', async () => {
  const [first, second] = [await newAccount(), await newAccount()]
  await removeAccount('default')
  await accountGone('default')
  await applyAccount('main', first.sid, { TWILIO_AUTH_TOKEN: first.token })
  await applyAccount('spare', second.sid, { TWILIO_AUTH_TOKEN: second.token })
  const byDefault = (name: string) => ({ 'default-account': `${scene.namespace}/${name}` })
  await scene.operator().stop()
  await scene.restart(byDefault('main'))
  await scene.make('kept')
  await inDoubt('unanswered', {})
  const before = await inAccount(first)
  const since = await scene.last()

  // By a flag.
  await scene.operator().kill()
  await scene.restart(byDefault('spare'))
  for (const name of ['kept', 'unanswered']) await says(scene, name, 'Ready', 'AccountMismatch')
  await scene.operator().kill()
  await scene.restart(byDefault('main'))
  await expectAllRight(scene, { alive: ['kept', 'unanswered'] })

  // By an object that appears in the namespace and goes again.
  await applyAccount('default', second.sid, { TWILIO_AUTH_TOKEN: second.token })
  for (const name of ['kept', 'unanswered']) await says(scene, name, 'Ready', 'AccountMismatch')
  await scene.make('newcomer')
  expect((await inAccount(second)).map(({ configuration }) => configuration['destination'])).toEqual([
    destinationOf('newcomer'),
  ])
  await scene.remove('newcomer')
  await scene.gone('newcomer')
  await removeAccount('default')
  await accountGone('default')
  await expectAllRight(scene, { alive: ['kept', 'unanswered'], dead: ['newcomer'] })
  expect(await inAccount(first)).toEqual(before)
  expect((await scene.changes(since)).map(({ operation, account }) => [operation, account])).toEqual([
    ['CreateSink', second.sid],
    ['DeleteSink', second.sid],
  ])
})

test('two TwilioAccounts with one accountSid', async () => {
  const shared = await newAccount()
  const key = { username: newRandomSid('SK'), password: `secret-${hex(8)}` }
  await scene.simulator.admin.addCredential({ ...key, account: shared.sid })
  await applyAccount('by-token', shared.sid, { TWILIO_AUTH_TOKEN: shared.token })
  await applyAccount('by-key', shared.sid, { TWILIO_API_KEY: key.username, TWILIO_API_SECRET: key.password })
  const [byToken, byKey] = [{ accountRef: { name: 'by-token' } }, { accountRef: { name: 'by-key' } }]
  const { sid = '' } = (await scene.make('through-token', byToken)).status
  await scene.make('through-key', byKey)
  // A create through one of them, in doubt while the reference moves to the other: it is one account all the same.
  await inDoubt('changing', byToken)
  await scene.kubectl(['patch', 'sink', 'changing', '--type=merge', '-p', JSON.stringify({ spec: byKey })])
  await ready(scene, 'changing')
  await expectAllRight(scene, { alive: ['through-token', 'through-key', 'changing'] })

  // What one has recorded, the other does not import.
  const importing = {
    description: 'Events for through-token',
    webhook: { destination: destinationOf('through-token') },
    import: { sid },
    deletionPolicy: 'Delete',
    ...byKey,
  }
  await scene.apply(sink('importer', importing))
  await says(scene, 'importer', 'Ready', 'OwnershipConflict')
  const since = await scene.last()
  await scene.remove('importer')
  await scene.gone('importer')
  expect(await deletes(since)).toEqual([])

  // One of the two goes; the sinks of the other stay.
  await scene.remove('through-key')
  await scene.remove('changing')
  await scene.gone('through-key')
  await scene.gone('changing')
  await removeAccount('by-key')
  await accountGone('by-key')
  await expectAllRight(scene, { alive: ['through-token'], dead: ['through-key', 'changing'] })
  const held = condition(await scene.get('twilioaccounts', 'by-token'), 'ChangesHeld')
  expect(held, 'two credentials of one account are no contradiction').toBeUndefined()
  await expectStrangersUntouched(scene)
})
