import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { apiCaller, kinesisForm, subscriptionForm, webhookForm, type Caller } from './api-caller.ts'
import { startSimulator, type Simulator } from './simulator.ts'

const demo = `AC${'0'.repeat(32)}`
let simulator: Simulator
let call: Caller

beforeAll(async () => {
  simulator = await startSimulator({ settings: { sinkLimit: 7 } })
  call = apiCaller(simulator.url)
})
beforeEach(() => simulator.admin.reset())
afterAll(() => simulator.stop())

const create = async (form: Record<string, string> = webhookForm) =>
  (await call('POST', '/v1/Sinks', { form })).body.sid

describe('the journal', () => {
  test('tells each request in its order, and what came of it', async () => {
    const sid = await create()
    await call('GET', `/v1/Sinks/${sid}`)
    await call('POST', '/v1/Sinks', { form: {} })
    await call('GET', '/v1/Sinks?PageSize=2', { as: null })
    await call('GET', '/v1/Nothing')
    const journal = await simulator.admin.journal()
    expect(journal).toMatchObject([
      { operation: 'CreateSink', sid, description: 'Orders', status: 201, processed: true, committed: true },
      { operation: 'FetchSink', sid, status: 200, processed: true, committed: false, committedAt: null },
      { operation: 'CreateSink', sid: null, status: 400, processed: true, committed: false },
      { operation: 'ListSink', account: null, query: '?PageSize=2', status: 401, processed: false },
      {
        operation: 'Unknown',
        account: demo,
        method: 'GET',
        path: '/v1/Nothing',
        status: 404,
        processed: false,
      },
    ])
    const sequences = journal.map(({ sequence }) => sequence)
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b))
    expect(new Set(sequences).size).toBe(5)
  })

  test('can be read on from a sequence number, which a reset does not turn back', async () => {
    await create()
    const [first] = await simulator.admin.journal()
    await simulator.admin.reset()
    await create()
    expect(await simulator.admin.journal(first?.sequence)).toHaveLength(1)
  })

  test('gives the request id that the answer carries', async () => {
    const received = await call('GET', '/v1/Sinks')
    expect((await simulator.admin.journal())[0]?.requestId).toBe(received.headers.get('Twilio-Request-Id'))
  })

  test('holds no secret', async () => {
    await create(kinesisForm)
    expect(JSON.stringify(await simulator.admin.journal())).not.toContain('external-id-of-a-test')
  })
})

describe('the statistics', () => {
  test('count by operation and account, and the most calls at once', async () => {
    await create()
    await simulator.admin.addFault({ kind: 'latency', ms: 100 })
    await Promise.all([call('GET', '/v1/Sinks'), call('GET', '/v1/Sinks'), call('GET', '/v1/Sinks')])
    await call('GET', '/v1/Sinks', { as: null })
    expect(await simulator.admin.statistics()).toEqual({
      total: 5,
      byOperation: { CreateSink: 1, ListSink: 4 },
      byAccount: { [demo]: { CreateSink: 1, ListSink: 3 }, unknown: { ListSink: 1 } },
      peakInFlight: { [demo]: 3, unknown: 1 },
    })
  })

  test('do not count an abandoned call as in flight', async () => {
    await simulator.admin.addFault({ kind: 'hang', times: 3 })
    for (let i = 0; i < 3; i++) {
      const signal = AbortSignal.timeout(50)
      await expect(call('GET', '/v1/Sinks', { signal })).rejects.toThrow()
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect((await call('GET', '/v1/Sinks')).headers.get('Twilio-Concurrent-Requests')).toBe('1')
  })
})

describe('sinks from outside the API', () => {
  test('are shown as they are stored, with the test id and their subscriptions', async () => {
    const sid = await create()
    await call('POST', `/v1/Sinks/${sid}/Test`)
    const subscription = (await call('POST', '/v1/Subscriptions', { form: subscriptionForm(sid) })).body.sid
    expect(await simulator.admin.sinks()).toEqual([
      {
        account: demo,
        sid,
        description: 'Orders',
        sinkType: 'webhook',
        configuration: { destination: 'https://warehouse.example.com/twilio' },
        status: 'active',
        testId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        dateCreated: expect.stringMatching(/Z$/),
        dateUpdated: expect.stringMatching(/Z$/),
        subscriptions: [subscription],
      },
    ])
    expect(await simulator.admin.subscriptions()).toMatchObject([
      { account: demo, sid: subscription, sinkSid: sid },
    ])
  })

  test('can be changed in every member', async () => {
    const sid = await create()
    const change = {
      status: 'resting',
      description: 'Changed outside',
      sinkType: 'pigeon',
      configuration: { loft: 3 },
    }
    await simulator.admin.changeSink(sid, change)
    expect((await call('GET', '/v1/Sinks')).body.sinks).toMatchObject([
      {
        sid,
        status: 'resting',
        description: 'Changed outside',
        sink_type: 'pigeon',
        sink_configuration: { loft: 3 },
      },
    ])
  })

  test('can be deleted, with their subscriptions', async () => {
    const sid = await create()
    await call('POST', '/v1/Subscriptions', { form: subscriptionForm(sid) })
    await simulator.admin.deleteSink(sid)
    expect((await call('GET', `/v1/Sinks/${sid}`)).status).toBe(404)
    expect(await simulator.admin.subscriptions()).toEqual([])
    await expect(simulator.admin.deleteSink(sid)).rejects.toThrow()
    await expect(simulator.admin.changeSink(sid, {})).rejects.toThrow()
  })
})

describe('reset', () => {
  test('puts everything back to the start', async () => {
    await create()
    await simulator.admin.change({ sinkLimit: 1 })
    await simulator.admin.addFault({ kind: 'reset' })
    await simulator.admin.addAccount({ sid: `AC${'1'.repeat(32)}`, authToken: 't' })
    await simulator.admin.reset()
    expect(await simulator.admin.sinks()).toEqual([])
    expect((await simulator.admin.settings()).sinkLimit).toBe(7)
    expect(await simulator.admin.faults()).toEqual([])
    expect((await simulator.admin.accounts()).sids).toEqual([demo])
    expect(await simulator.admin.journal()).toEqual([])
    expect((await simulator.admin.statistics()).total).toBe(0)
  })

  test('can be of single parts', async () => {
    await create()
    await simulator.admin.reset(['journal', 'statistics'])
    expect(await simulator.admin.journal()).toEqual([])
    expect(await simulator.admin.sinks()).toHaveLength(1)
  })
})

describe('orders that make no sense', () => {
  test.each([
    ['GET', 'nothing', undefined, 404],
    ['DELETE', 'journal', undefined, 404],
    ['POST', 'faults', 'no JSON', 400],
    ['POST', 'reset', '{"only":["everything"]}', 400],
    ['GET', 'journal?since=x', undefined, 400],
    ['PATCH', 'settings', '[]', 400],
    ['PATCH', 'settings', undefined, 400],
  ])('%s %s', async (method, path, body, status) => {
    const response = await fetch(`${simulator.url}/_simulator/${path}`, { method, body: body ?? null })
    expect(response.status).toBe(status)
    expect(Object.keys((await response.json()) as object)).toEqual(['message'])
  })
})
