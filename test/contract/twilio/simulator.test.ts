import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NewSink, TwilioAccountApi } from '../../../src/reconciler/ports.ts'
import { fingerprints } from '../../../src/external/external-sink.ts'
import type { FaultInput } from '../../rigs/simulator/faults.ts'
import { startSimulator, type Simulator } from '../../rigs/simulator/simulator.ts'
import {
  accountOf,
  CALLING_SID,
  twilioAt,
  CREDENTIAL,
  failureOf,
  never,
  deleteAt,
  update,
  type UnderTest,
} from './twilio-under-test.ts'

/** Another SID than any that the simulator gives. */
const UNKNOWN = `DG${'f'.repeat(32)}`
const KEY = { username: `SK${'c'.repeat(32)}`, password: 'canary-key-secret' }
const EMPTY_ACCOUNT = { sid: `AC${'e'.repeat(32)}`, authToken: 'canary-other-token' }

const SINKS: Record<string, NewSink> = {
  webhook: {
    description: 'Orders',
    sinkType: 'webhook',
    configuration: { destination: 'https://warehouse.example.com/x?y=z', method: 'POST', batch_events: true },
  },
  kinesis: {
    description: 'Ünïcode & = + %',
    sinkType: 'kinesis',
    configuration: {
      arn: 'arn:aws:kinesis:us-east-1:111111111:stream/test',
      role_arn: 'arn:aws:iam::111111111:role/Role',
      external_id: 'canary-external-id',
    },
  },
  segment: {
    description: 'Analytics',
    sinkType: 'segment',
    configuration: { write_key: 'canary-write-key' },
  },
}
const WEBHOOK = SINKS['webhook']!

let simulator: Simulator
let under: UnderTest
let account: TwilioAccountApi

beforeAll(async () => {
  simulator = await startSimulator({
    accounts: [
      {
        sid: CALLING_SID,
        authToken: CREDENTIAL.password,
        keys: [{ sid: KEY.username, secret: KEY.password }],
      },
      EMPTY_ACCOUNT,
    ],
  })
})
afterAll(() => simulator.stop())
beforeEach(async () => {
  await simulator.admin.reset()
  under = twilioAt(simulator.url)
  account = under.account
  return () => under.twilio.close()
})

const create = (sink: NewSink = WEBHOOK) => account.writes.withCreateSlot((post) => post(sink, never))

async function subscribe(sinkSid: string): Promise<string> {
  const body = new URLSearchParams({ Description: 'x', SinkSid: sinkSid })
  body.append('Types', JSON.stringify({ type: 'com.twilio.messaging.message.sent' }))
  const basic = Buffer.from(`${CREDENTIAL.username}:${CREDENTIAL.password}`).toString('base64')
  const headers = { authorization: `Basic ${basic}` }
  const response = await fetch(`${simulator.url}/v1/Subscriptions`, { method: 'POST', headers, body })
  const { sid } = (await response.json()) as { sid: string }
  return sid
}

describe('the client at a Twilio that keeps state', () => {
  it.each(Object.entries(SINKS))(
    'creates, fetches, lists, renames and deletes a %s sink',
    async (type, sink) => {
      const created = await create(sink)
      expect(created).toMatchObject({ description: sink.description, sinkType: type, status: 'active' })
      expect(created.configuration).toEqual(fingerprints(sink.configuration))
      expect(JSON.stringify(created)).not.toContain('canary')
      expect(await account.fetchSink(created.sid)).toEqual(created)
      expect(await account.listSinks()).toEqual({ sinks: [created], pages: 1 })
      const renamed = await update(account, created.sid, 'Ä & b [k8s:a/b/1]')
      expect(renamed).toMatchObject({ sid: created.sid, description: 'Ä & b [k8s:a/b/1]' })
      await deleteAt(account, created.sid)
      expect((await failureOf(account.fetchSink(created.sid))).kind).toBe('not-found')
      expect((await failureOf(deleteAt(account, created.sid))).kind).toBe('not-found')
      expect(await account.listSinks()).toEqual({ sinks: [], pages: 1 })
    },
  )

  it('sees subscriptions, and that a sink in use is not deleted', async () => {
    const { sid } = await create()
    const subscription = await subscribe(sid)
    expect(await account.listSubscriptions()).toEqual([
      { sid: subscription, accountSid: CALLING_SID, sinkSid: sid },
    ])
    for (const inUseStatus of [400, 409] as const) {
      await simulator.admin.change({ inUseStatus })
      expect(await failureOf(deleteAt(account, sid))).toMatchObject({ kind: 'in-use', code: 91007 })
    }
  })

  it.each([400, 403] as const)('says that the account is full, also with status %i', async (limitStatus) => {
    await simulator.admin.change({ sinkLimit: 1, limitStatus })
    await create()
    expect(await failureOf(create())).toMatchObject({ kind: 'quota', code: 91003 })
  })

  it('says that a configuration is refused, with the code and without the configuration', async () => {
    const failure = await failureOf(create({ ...WEBHOOK, configuration: { write_key: 'canary' } }))
    expect(failure).toMatchObject({ kind: 'refused', code: 91000 })
    expect(failure.message).not.toContain('canary')
  })

  it.each([20404, 91001] as const)('takes code %i for an unknown sink', async (notFoundCode) => {
    await simulator.admin.change({ notFoundCode })
    expect(await failureOf(account.fetchSink(UNKNOWN))).toMatchObject({
      kind: 'not-found',
      code: notFoundCode,
    })
  })

  it('reads all of 60 sinks when Twilio clamps its pages to 50', async () => {
    await simulator.admin.change({ maxPageSize: 50 })
    const created = await Promise.all(Array.from({ length: 60 }, () => create()))
    const { sinks, pages } = await account.listSinks()
    expect(pages).toBe(2)
    expect(new Set(sinks.map(({ sid }) => sid))).toEqual(new Set(created.map(({ sid }) => sid)))
    await simulator.admin.change({ pageUrlOrigin: 'http://127.0.0.1:1' })
    expect((await failureOf(account.listSinks())).kind).toBe('transient')
  })

  it.each([
    { secrets: 'masked' as const },
    { destination: 'whatwg' as const },
    { destination: 'upperCaseHost' as const },
    { method: 'upper' as const },
    { method: 'keep' as const },
    { statusAfterCreate: 'unheard-of' },
  ])('reads what it sent as equal or as not comparable when Twilio answers with %j', async (settings) => {
    await simulator.admin.change(settings)
    for (const sink of Object.values(SINKS)) {
      const sent = fingerprints(sink.configuration)
      const answered = (await create(sink)).configuration
      const differing = Object.keys(sent).filter(
        (member) => ![sent[member], null].includes(answered[member] ?? null),
      )
      expect(differing).toEqual([])
    }
  })

  it('tests and validates, in the present and in the legacy flow', async () => {
    const { sid } = await create()
    expect(await account.probe.sendTest(sid)).toBe('submitted')
    expect(await account.probe.validate(sid, 'any')).toBe('valid')
    await simulator.admin.change({ validation: 'legacy', statusAfterCreate: 'initialized' })
    const old = await create()
    expect(old.status).toBe('initialized')
    expect((await failureOf(account.probe.validate(old.sid, 'wrong'))).kind).toBe('refused')
    await account.probe.sendTest(old.sid)
    expect((await account.fetchSink(old.sid)).status).toBe('validating')
    const testId = (await simulator.admin.sink(old.sid))?.testId ?? ''
    expect(await account.probe.validate(old.sid, testId)).toBe('valid')
    expect((await account.fetchSink(old.sid)).status).toBe('active')
  })

  it('works with an API key, and says what a credential lacks', async () => {
    const name = accountOf('shop/default', CALLING_SID)
    const withKey = under.twilio.connect(name, KEY)
    expect((await withKey.listSinks()).sinks).toEqual([])
    await simulator.admin.changeCredential(KEY.username, { denied: ['ListSubscription'] })
    expect((await failureOf(withKey.listSubscriptions())).kind).toBe('forbidden')
    await simulator.admin.change({ permissionStatus: 401 })
    expect((await failureOf(withKey.listSubscriptions())).kind).toBe('forbidden')
    await simulator.admin.revokeCredential(KEY.username)
    expect((await failureOf(withKey.listSinks())).kind).toBe('unauthorized')
  })

  it('sees nothing of another account', async () => {
    const { sid } = await create()
    const credential = { username: EMPTY_ACCOUNT.sid, password: EMPTY_ACCOUNT.authToken }
    const other = under.twilio.connect(accountOf('x', EMPTY_ACCOUNT.sid), credential)
    expect((await failureOf(other.fetchSink(sid))).kind).toBe('not-found')
    expect((await other.listSinks()).sinks).toEqual([])
  })
})

describe('a create that meets a fault', () => {
  const faults: readonly [string, FaultInput, { readonly sinks: number; readonly kind: string }][] = [
    ['reset before', { kind: 'reset', phase: 'before' }, { sinks: 0, kind: 'transient' }],
    ['reset after', { kind: 'reset', phase: 'after' }, { sinks: 1, kind: 'transient' }],
    ['hang before', { kind: 'hang', phase: 'before' }, { sinks: 0, kind: 'transient' }],
    ['hang after', { kind: 'hang', phase: 'after' }, { sinks: 1, kind: 'transient' }],
    ['half an answer', { kind: 'halfJson' }, { sinks: 1, kind: 'transient' }],
    ['half an answer, cut', { kind: 'halfJson', cut: true }, { sinks: 1, kind: 'transient' }],
    ['500 before', { kind: 'answer', status: 500 }, { sinks: 0, kind: 'transient' }],
    ['500 after', { kind: 'answer', status: 500, phase: 'after' }, { sinks: 1, kind: 'transient' }],
    [
      'HTML after',
      { kind: 'answer', status: 502, body: 'html', phase: 'after' },
      { sinks: 1, kind: 'transient' },
    ],
    ['HTML 404', { kind: 'answer', status: 404, body: 'html' }, { sinks: 0, kind: 'transient' }],
    [
      'an empty 200',
      { kind: 'answer', status: 200, body: 'empty', phase: 'after' },
      { sinks: 1, kind: 'transient' },
    ],
  ]
  it.each(faults)('%s: sends one POST and leaves the doubt to be settled', async (_name, fault, expected) => {
    await simulator.admin.addFault({ ...fault, match: { operation: 'CreateSink' } })
    expect((await failureOf(create())).kind).toBe(expected.kind)
    const posts = (await simulator.admin.journal()).filter(({ operation }) => operation === 'CreateSink')
    expect(posts).toHaveLength(1)
    expect((await account.listSinks()).sinks).toHaveLength(expected.sinks)
  })

  it.each([undefined, 0.01, 2])(
    '429 with Retry-After %j: sends again and makes one sink',
    async (retryAfter) => {
      const answer = retryAfter === undefined ? {} : { retryAfter }
      await simulator.admin.addFault({ kind: 'answer', status: 429, times: 2, ...answer })
      await create()
      const posts = (await simulator.admin.journal()).filter(({ operation }) => operation === 'CreateSink')
      expect(posts.map(({ status }) => status)).toEqual([429, 429, 201])
      expect(await simulator.admin.sinks()).toHaveLength(1)
    },
  )

  it('keeps within the limit of calls at once, so that Twilio has no cause for a 429', async () => {
    await simulator.admin.change({ maxConcurrentCalls: 4, latencyMs: 5 })
    await Promise.all(Array.from({ length: 30 }, () => create()))
    expect(under.observed.filter(({ throttled }) => throttled)).toEqual([])
    expect(await simulator.admin.sinks()).toHaveLength(30)
  })
})
