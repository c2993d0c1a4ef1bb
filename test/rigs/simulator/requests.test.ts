import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { apiCaller, subscriptionForm, webhookForm, type Caller } from './api-caller.ts'
import { startSimulator, type Simulator } from './simulator.ts'

let simulator: Simulator
let call: Caller

beforeAll(async () => {
  simulator = await startSimulator()
  call = apiCaller(simulator.url)
})
beforeEach(() => simulator.admin.reset())
afterAll(() => simulator.stop())

const create = async (change: Record<string, string> = {}) =>
  call('POST', '/v1/Sinks', { form: { ...webhookForm, ...change } })
const without = (form: Record<string, string>, name: string) =>
  Object.fromEntries(Object.entries(form).filter(([key]) => key !== name))

describe('what a create of a sink must send', () => {
  test.each(['Description', 'SinkConfiguration', 'SinkType'])('%s is missed', async (name) => {
    const { status, body } = await call('POST', '/v1/Sinks', { form: without(webhookForm, name) })
    expect([status, body.code, body.status]).toEqual([400, 20001, 400])
    expect(body.message).toContain(name)
    expect(body.more_info).toMatch(/\/20001$/)
  })

  test('a JSON body holds no parameters, as at Twilio', async () => {
    const { status, body } = await call('POST', '/v1/Sinks', { json: webhookForm })
    expect([status, body.message]).toEqual([400, 'Missing required parameter Description'])
  })

  test.each([
    ['an empty description', { Description: '' }],
    ['an unknown type', { SinkType: 'pigeon' }],
    ['a type that is a word of the language', { SinkType: 'constructor' }],
    ['a configuration that is no JSON', { SinkConfiguration: 'destination' }],
    ['a configuration quoted twice', { SinkConfiguration: JSON.stringify(webhookForm.SinkConfiguration) }],
    ['a list as configuration', { SinkConfiguration: '[]' }],
    ['no destination', { SinkConfiguration: '{}' }],
    ['a destination that is no web address', { SinkConfiguration: '{"destination":"ftp://a.example.com"}' }],
    ['a method of its own', { SinkConfiguration: '{"destination":"https://a.example.com","method":"PUT"}' }],
    [
      'a text as boolean',
      { SinkConfiguration: '{"destination":"https://a.example.com","batch_events":"no"}' },
    ],
    [
      'half a kinesis configuration',
      { SinkType: 'kinesis', SinkConfiguration: '{"arn":"a","role_arn":"b"}' },
    ],
    ['an empty write key', { SinkType: 'segment', SinkConfiguration: '{"write_key":""}' }],
  ])('%s is refused with 91000', async (_what, change) => {
    const { status, body } = await create(change)
    expect([status, body.code]).toEqual([400, 91000])
    expect(await simulator.admin.sinks()).toEqual([])
  })

  test('an email sink takes any configuration', async () => {
    expect((await create({ SinkType: 'email', SinkConfiguration: '{"to":"x"}' })).status).toBe(201)
  })
})

describe('sinks', () => {
  test('change nothing but their description', async () => {
    const { sid } = (await create()).body
    const form = { Description: 'Other words', SinkType: 'segment', SinkConfiguration: '{"write_key":"x"}' }
    const changed = (await call('POST', `/v1/Sinks/${sid}`, { form })).body
    expect([changed.description, changed.sink_type]).toEqual(['Other words', 'webhook'])
    expect((await call('POST', `/v1/Sinks/${sid}`, { form: {} })).status).toBe(400)
    expect((await call('POST', `/v1/Sinks/${sid}`, { form: { Description: '' } })).body.code).toBe(91000)
  })

  test('move their date of change with the description, not with a test event', async () => {
    let now = Date.UTC(2026, 0, 1)
    const timed = await startSimulator({ clock: () => now })
    const ask = apiCaller(timed.url)
    const { sid } = (await ask('POST', '/v1/Sinks', { form: webhookForm })).body
    now += 60_000
    await ask('POST', `/v1/Sinks/${sid}/Test`)
    expect((await ask('GET', `/v1/Sinks/${sid}`)).body.date_updated).toBe('2026-01-01T00:00:00Z')
    await ask('POST', `/v1/Sinks/${sid}`, { form: { Description: 'Other words' } })
    expect((await ask('GET', `/v1/Sinks/${sid}`)).body.date_updated).toBe('2026-01-01T00:01:00Z')
    await timed.stop()
  })

  test('need a TestId to be validated', async () => {
    const { sid } = (await create()).body
    expect((await call('POST', `/v1/Sinks/${sid}/Validate`, { form: {} })).status).toBe(400)
  })

  test('are listed by use and status, an unknown word finding none', async () => {
    const first = (await create()).body.sid
    const second = (await create()).body.sid
    await call('POST', '/v1/Subscriptions', { form: subscriptionForm(first) })
    await simulator.admin.changeSink(second, { status: 'failed' })
    const found = async (query: string) =>
      (await call('GET', `/v1/Sinks?${query}`)).body.sinks.map(({ sid }) => sid)
    expect(await found('InUse=true')).toEqual([first])
    expect(await found('InUse=false')).toEqual([second])
    expect(await found('Status=failed')).toEqual([second])
    expect(await found('Status=failed&InUse=true')).toEqual([])
    expect(await found('Status=resting')).toEqual([])
  })

  test.each(['PageSize=0', 'PageSize=-1', 'PageSize=x', 'Page=x', 'PageToken=x'])(
    '%s is refused',
    async (query) => {
      const { status, body } = await call('GET', `/v1/Sinks?${query}`)
      expect([status, body.code]).toEqual([400, 91002])
    },
  )

  test('come in pages that follow and lead back, also when one is deleted between', async () => {
    const made: string[] = []
    for (let i = 0; i < 5; i++) made.push((await create()).body.sid)
    const first = (await call('GET', '/v1/Sinks?PageSize=2&Status=active')).body
    await call('DELETE', `/v1/Sinks/${made[1]}`)
    const second = (await call('GET', String(first.meta.next_page_url))).body
    const third = (await call('GET', String(second.meta.next_page_url))).body
    const back = (await call('GET', String(third.meta.previous_page_url))).body
    const sids = [first, second, third, back].map((page) => page.sinks.map(({ sid }) => made.indexOf(sid)))
    expect(sids).toEqual([[0, 1], [2, 3], [4], [2, 3]])
    expect(third.meta).toMatchObject({ page: 2, page_size: 2, next_page_url: null, key: 'sinks' })
    expect(new URL(String(first.meta.next_page_url)).searchParams.get('Status')).toBe('active')
    expect(String(first.meta.next_page_url)).toContain(simulator.url)
  })

  test('come fifty to a page when no size is asked for', async () => {
    for (let i = 0; i < 51; i++) await create()
    const { sinks, meta } = (await call('GET', '/v1/Sinks')).body
    expect([sinks.length, meta.page_size, meta.next_page_url === null]).toEqual([50, 50, false])
  })
})

describe('subscriptions', () => {
  const subscribe = (form: Record<string, string | string[]>) => call('POST', '/v1/Subscriptions', { form })
  const newSink = async () => (await create()).body.sid

  test('need an active sink', async () => {
    const sid = await newSink()
    await simulator.admin.changeSink(sid, { status: 'initialized' })
    expect((await subscribe(subscriptionForm(sid))).body.code).toBe(91100)
  })

  test.each([
    ['no types', { Types: [] }, 20001],
    ['empty types', { Types: '' }, 91103],
    ['a JSON list in one field', { Types: '[{"type":"a"}]' }, 20001],
    ['a type twice', { Types: ['{"type":"a"}', '{"type":"a"}'] }, 91101],
    ['an empty description', { Description: '' }, 91101],
  ])('%s is refused', async (_what, change, code) => {
    const { status, body } = await subscribe({ ...subscriptionForm(await newSink()), ...change })
    expect([status, body.code]).toEqual([400, code])
  })

  test('a list in one field is missed as the element it is not', async () => {
    const { body } = await subscribe({ ...subscriptionForm(await newSink()), Types: '[{"type":"a"}]' })
    expect(body.message).toContain('event_types[0].type')
  })

  test('are listed by sink, keep their sink, and leave it active when they go', async () => {
    const [first, second] = [await newSink(), await newSink()]
    const { sid } = (await subscribe(subscriptionForm(first))).body
    await subscribe(subscriptionForm(second))
    const { subscriptions } = (await call('GET', `/v1/Subscriptions?SinkSid=${first}`)).body
    expect(subscriptions.map((found) => found.sid)).toEqual([sid])
    const form = { SinkSid: second }
    expect((await call('POST', `/v1/Subscriptions/${sid}`, { form })).body.sink_sid).toBe(first)
    expect((await call('DELETE', `/v1/Subscriptions/${sid}`)).status).toBe(204)
    expect((await call('GET', `/v1/Sinks/${first}`)).body.status).toBe('active')
  })

  test('refuse an event type twice, and know which they have', async () => {
    const { sid } = (await subscribe(subscriptionForm(await newSink(), ['a']))).body
    const events = `/v1/Subscriptions/${sid}/SubscribedEvents`
    expect((await call('POST', events, { form: { Type: 'a' } })).body.code).toBe(91101)
    expect((await call('POST', events, { form: { Type: 'b', SchemaVersion: 'x' } })).status).toBe(400)
    expect((await call('GET', `${events}/b`)).status).toBe(404)
    expect((await call('DELETE', `${events}/a`)).status).toBe(204)
    expect((await call('GET', events)).body.types).toEqual([])
  })
})

describe('paths', () => {
  test.each([
    ['GET', '/v1/sinks', 404],
    ['GET', '/v1/Sinks/', 404],
    ['GET', '/v2/Sinks', 404],
    ['PUT', '/v1/Sinks', 405],
    ['PATCH', `/v1/Sinks/DG${'0'.repeat(32)}`, 405],
  ])('%s %s is %i', async (method, path, status) => {
    const received = await call(method, path)
    expect([received.status, received.body.status]).toEqual([status, status])
  })

  test('a body of more than a mebibyte is refused', async () => {
    expect((await create({ Description: 'x'.repeat(2_000_000) })).status).toBe(413)
  })
})
