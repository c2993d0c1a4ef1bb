import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DEMO_ACCOUNT } from './accounts.ts'
import { apiCaller, DEMO_CREDENTIAL, subscriptionForm, webhookForm, type Caller } from './api-caller.ts'
import { startSimulator, type Simulator } from './simulator.ts'

const other = `AC${'1'.repeat(32)}`
const otherCredential = `${other}:token:with:colons`
const demoKey = `SK${'0'.repeat(32)}`
const demoKeyCredential = `${demoKey}:demo-api-secret`
let simulator: Simulator
let call: Caller

beforeAll(async () => {
  const accounts = [DEMO_ACCOUNT, { sid: other, authToken: 'token:with:colons' }]
  simulator = await startSimulator({ accounts })
  call = apiCaller(simulator.url)
})
beforeEach(() => simulator.admin.reset())
afterAll(() => simulator.stop())

const create = async (as: string) => (await call('POST', '/v1/Sinks', { form: webhookForm, as })).body.sid
const listed = async (as: string) => (await call('GET', '/v1/Sinks', { as })).body.sinks.map(({ sid }) => sid)
const statusOf = async (as: string | null) => (await call('GET', '/v1/Sinks', { as })).status

describe('accounts', () => {
  test('hold their sinks apart, whichever credential opens them', async () => {
    const mine = await create(DEMO_CREDENTIAL)
    const theirs = await create(otherCredential)
    expect(await listed(DEMO_CREDENTIAL)).toEqual([mine])
    expect(await listed(demoKeyCredential)).toEqual([mine])
    expect(await listed(otherCredential)).toEqual([theirs])
  })

  test('answer 404 for the SIDs of others, whatever is asked', async () => {
    const sid = await create(DEMO_CREDENTIAL)
    const made = await call('POST', '/v1/Subscriptions', { form: subscriptionForm(sid) })
    const sink = `/v1/Sinks/${sid}`
    const subscription = `/v1/Subscriptions/${made.body.sid}`
    const foreignCalls: [string, string, Record<string, string>?][] = [
      ['GET', sink],
      ['POST', sink, { Description: 'taken' }],
      ['DELETE', sink],
      ['POST', `${sink}/Test`],
      ['POST', `${sink}/Validate`, { TestId: 'x' }],
      ['GET', subscription],
      ['POST', subscription, { Description: 'taken' }],
      ['DELETE', subscription],
      ['GET', `${subscription}/SubscribedEvents`],
    ]
    for (const [method, path, form = {}] of foreignCalls) {
      const received = await call(method, path, { ...(method === 'POST' && { form }), as: otherCredential })
      expect([received.status, received.body.code], `${method} ${path}`).toEqual([404, 20404])
    }
    const subscribing = { form: subscriptionForm(sid), as: otherCredential }
    expect((await call('POST', '/v1/Subscriptions', subscribing)).status).toBe(404)
    expect((await call('GET', sink)).body.description).toBe('Orders')
  })

  test('have their limits for themselves', async () => {
    await simulator.admin.change({ sinkLimit: 1 })
    await create(DEMO_CREDENTIAL)
    expect(await create(otherCredential)).toMatch(/^DG/)
    expect((await call('POST', '/v1/Sinks', { form: webhookForm })).body.code).toBe(91003)
  })

  test.each([
    ['no credential', null],
    ['a wrong token', `${DEMO_ACCOUNT.sid}:wrong`],
    ['an unknown account', `AC${'9'.repeat(32)}:demo-auth-token`],
    ['no colon', 'nonsense'],
    ["another account's token", `${DEMO_ACCOUNT.sid}:token:with:colons`],
  ])('refuse %s', async (_what, as) => {
    const received = await call('GET', '/v1/Sinks', { as })
    expect([received.status, received.body.code, received.body.status]).toEqual([401, 20003, 401])
    expect(received.headers.get('WWW-Authenticate')).toMatch(/^Basic/)
  })
})

describe('credentials', () => {
  test('get 401 once they are revoked, and work again when they are not', async () => {
    await simulator.admin.revokeCredential(demoKey)
    expect([await statusOf(demoKeyCredential), await statusOf(DEMO_CREDENTIAL)]).toEqual([401, 200])
    await simulator.admin.changeCredential(demoKey, { revoked: false })
    expect(await statusOf(demoKeyCredential)).toBe(200)
  })

  test('can be rotated', async () => {
    await simulator.admin.changeCredential(DEMO_ACCOUNT.sid, { password: 'new' })
    expect([await statusOf(DEMO_CREDENTIAL), await statusOf(`${DEMO_ACCOUNT.sid}:new`)]).toEqual([401, 200])
  })

  test('can come to open another account', async () => {
    await create(DEMO_CREDENTIAL)
    await simulator.admin.changeCredential(demoKey, { account: other })
    expect(await listed(demoKeyCredential)).toEqual([])
  })

  test('can be added, with an account that was not there', async () => {
    const third = `AC${'3'.repeat(32)}`
    await simulator.admin.addCredential({ username: `SK${'3'.repeat(32)}`, password: 's', account: third })
    expect(await listed(`SK${'3'.repeat(32)}:s`)).toEqual([])
    await simulator.admin.addAccount({ sid: third, authToken: 't' })
    expect(await statusOf(`${third}:t`)).toBe(200)
    expect((await simulator.admin.accounts()).sids).toEqual([DEMO_ACCOUNT.sid, other, third])
  })

  test('can be denied single operations', async () => {
    await simulator.admin.changeCredential(demoKey, { denied: ['ListSubscription'] })
    const received = await call('GET', '/v1/Subscriptions', { as: demoKeyCredential })
    expect([received.status, received.body.code]).toEqual([403, 70051])
    expect(await statusOf(demoKeyCredential)).toBe(200)
  })

  test('are never shown', async () => {
    await create(demoKeyCredential)
    const shown = JSON.stringify([
      await simulator.admin.accounts(),
      await simulator.admin.journal(),
      await simulator.admin.statistics(),
    ])
    for (const secret of ['demo-api-secret', 'demo-auth-token', 'token:with:colons'])
      expect(shown).not.toContain(secret)
  })

  test('that are no SIDs are refused', async () => {
    await expect(simulator.admin.addAccount({ sid: 'AC1', authToken: 't' })).rejects.toThrow()
    await expect(simulator.admin.changeCredential('SK1', { revoked: true })).rejects.toThrow()
  })
})
