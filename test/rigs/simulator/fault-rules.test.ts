import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { apiCaller, webhookForm, type Caller } from './api-caller.ts'
import type { FaultInput } from './faults.ts'
import { startSimulator, type Simulator } from './simulator.ts'

let simulator: Simulator
let call: Caller

beforeAll(async () => {
  simulator = await startSimulator()
  call = apiCaller(simulator.url)
})
beforeEach(() => simulator.admin.reset())
afterAll(() => simulator.stop())

const arm = (rule: FaultInput) => simulator.admin.addFault(rule)
const create = (Description = 'Orders') =>
  call('POST', '/v1/Sinks', { form: { ...webhookForm, Description } })
const list = () => call('GET', '/v1/Sinks')
const stored = async () => (await simulator.admin.sinks()).length

describe('faults of bodies', () => {
  test.each([200, 502])('an HTML page with status %i', async (status) => {
    await arm({ kind: 'answer', status, body: 'html' })
    const received = await list()
    expect([received.status, received.headers.get('Content-Type')?.startsWith('text/html')]).toEqual([
      status,
      true,
    ])
    expect(received.text).toMatch(/^<!doctype html>/)
  })

  test('an HTML page after the write', async () => {
    await arm({ kind: 'answer', status: 502, body: 'html', phase: 'after' })
    expect((await create()).status).toBe(502)
    expect(await stored()).toBe(1)
  })

  test('a problem in the newer form', async () => {
    await arm({ kind: 'answer', status: 400, body: 'rfc9457', code: 91000 })
    const received = await create()
    expect(received.headers.get('Content-Type')).toBe('application/problem+json')
    expect(Object.keys(JSON.parse(received.text) as object)).toEqual([
      'type',
      'title',
      'status',
      'code',
      'detail',
    ])
    expect(received.body).toMatchObject({ status: 400, code: 91000 })
  })

  test('an empty body', async () => {
    await arm({ kind: 'answer', status: 200, body: 'empty' })
    expect((await list()).text).toBe('')
  })

  test('half a JSON text, and the write is done', async () => {
    await arm({ kind: 'halfJson' })
    const received = await create()
    expect(received.status).toBe(201)
    expect(received.text).toMatch(/^\{"sid":"DG/)
    expect(() => JSON.parse(received.text) as unknown).toThrow(SyntaxError)
    expect(await stored()).toBe(1)
  })

  test('a stale list, once, beside a fresh one', async () => {
    await create()
    await arm({ kind: 'staleList', lagMs: 60_000, times: 1 })
    expect((await list()).body.sinks).toEqual([])
    expect((await list()).body.sinks).toHaveLength(1)
  })
})

describe('which calls a fault strikes', () => {
  const statuses = async (count: number) => {
    const found: number[] = []
    for (let i = 0; i < count; i++) found.push((await create()).status)
    return found
  }

  test('so many times, after letting some through', async () => {
    await arm({ kind: 'answer', status: 500, after: 1, times: 2 })
    expect(await statuses(4)).toEqual([201, 500, 500, 201])
    expect((await simulator.admin.faults()).map(({ hits }) => hits)).toEqual([2])
  })

  test('the rules in their order, one after the other', async () => {
    await arm({ kind: 'answer', status: 500, times: 1 })
    await arm({ kind: 'answer', status: 503, times: 1 })
    expect(await statuses(3)).toEqual([500, 503, 201])
  })

  const sid = `DG${'0'.repeat(32)}`
  test.each([
    { match: { operation: 'FetchSink' }, strikes: 1 },
    { match: { operation: ['FetchSink', 'UpdateSink'] }, strikes: 2 },
    { match: { sid }, strikes: 2 },
    { match: { method: 'POST' }, strikes: 2 },
    { match: { account: `AC${'0'.repeat(32)}` }, strikes: 4 },
    { match: { account: `AC${'1'.repeat(32)}` }, strikes: 0 },
    { match: { credential: `AC${'0'.repeat(32)}`, method: 'GET' }, strikes: 2 },
    { match: { description: 'two' }, strikes: 1 },
  ])('$match strikes $strikes of four calls', async ({ match, strikes }) => {
    await arm({ kind: 'answer', status: 500, match })
    const received = [
      await create('one two three'),
      await list(),
      await call('GET', `/v1/Sinks/${sid}`),
      await call('POST', `/v1/Sinks/${sid}`, { form: { Description: 'x' } }),
    ]
    expect(received.filter(({ status }) => status === 500)).toHaveLength(strikes)
  })

  test('none once it is removed, or all are', async () => {
    const { id } = await arm({ kind: 'reset' })
    await simulator.admin.removeFault(id)
    expect((await create()).status).toBe(201)
    await arm({ kind: 'reset' })
    await simulator.admin.clearFaults()
    expect((await create()).status).toBe(201)
    await expect(simulator.admin.removeFault(id)).rejects.toThrow()
  })

  test('a rule that cannot be read is refused', async () => {
    await expect(arm({ kind: 'nonsense' } as unknown as FaultInput)).rejects.toThrow()
    await expect(arm({ kind: 'reset', match: { opration: 'x' } } as unknown as FaultInput)).rejects.toThrow()
    expect(await simulator.admin.faults()).toEqual([])
  })
})
