import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import twilio from 'twilio'
import { DEMO_ACCOUNT } from './accounts.ts'
import { startSimulator, type Simulator } from './simulator.ts'

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.stop())

/** The official library as it is; only its base URL is another. */
function client(username: string, password: string, accountSid = username) {
  const library = twilio(username, password, { accountSid })
  library.events.baseUrl = simulator.url
  return library.events.v1
}

const events = () => client(DEMO_ACCOUNT.sid, DEMO_ACCOUNT.authToken ?? '')

describe('the official twilio library, unchanged', () => {
  test('leads a sink of each type through its life', async () => {
    const api = events()
    const webhook = await api.sinks.create({
      description: 'Orders',
      sinkType: 'webhook',
      sinkConfiguration: { destination: 'https://warehouse.example.com/twilio', method: 'POST' },
    })
    const kinesis = await api.sinks.create({
      description: 'Orders to a stream',
      sinkType: 'kinesis',
      sinkConfiguration: {
        arn: 'arn:aws:kinesis:eu-west-1:1:stream/s',
        role_arn: 'arn:aws:iam::1:role/r',
        external_id: 'x',
      },
    })
    const segment = await api.sinks.create({
      description: 'Orders to Segment',
      sinkType: 'segment',
      sinkConfiguration: { write_key: 'w' },
    })
    expect([webhook, kinesis, segment].map((sink) => sink.status)).toEqual(['active', 'active', 'active'])
    expect(webhook.sinkConfiguration).toEqual({
      destination: 'https://warehouse.example.com/twilio',
      method: 'post',
      batch_events: false,
    })
    expect(webhook.dateCreated).toBeInstanceOf(Date)
    expect((await api.sinks(kinesis.sid).fetch()).sinkType).toBe('kinesis')

    const listed = await api.sinks.list({ pageSize: 1 })
    expect(listed.map((sink) => sink.sid)).toEqual([webhook.sid, kinesis.sid, segment.sid])

    const updated = await api.sinks(webhook.sid).update({ description: 'Other words' })
    expect(updated.description).toBe('Other words')
    expect((await api.sinks(webhook.sid).sinkTest.create()).result).toBe('submitted')
    expect((await api.sinks(webhook.sid).sinkValidate.create({ testId: 'any' })).result).toBe('valid')

    const subscription = await api.subscriptions.create({
      description: 'All messages',
      sinkSid: webhook.sid,
      types: [
        { type: 'com.twilio.messaging.message.sent', schema_version: 2 },
        { type: 'com.twilio.messaging.message.failed' },
      ],
    })
    const types = await api.subscriptions(subscription.sid).subscribedEvents.list()
    expect(types.map(({ type, schemaVersion }) => [type, schemaVersion])).toEqual([
      ['com.twilio.messaging.message.sent', 2],
      ['com.twilio.messaging.message.failed', 1],
    ])
    expect((await api.sinks.list({ inUse: true })).map((sink) => sink.sid)).toEqual([webhook.sid])
    expect((await api.sinks.list({ inUse: false })).map((sink) => sink.sid)).toEqual([
      kinesis.sid,
      segment.sid,
    ])
    expect(await api.sinks.list({ status: 'failed' })).toEqual([])

    await expect(api.sinks(webhook.sid).remove()).rejects.toMatchObject({ status: 400, code: 91007 })
    expect(await api.subscriptions(subscription.sid).remove()).toBe(true)
    for (const { sid } of listed) expect(await api.sinks(sid).remove()).toBe(true)
    await expect(api.sinks(webhook.sid).fetch()).rejects.toMatchObject({ status: 404, code: 20404 })
    expect(await api.sinks.list()).toEqual([])
  })

  test('reads the refusal of wrong credentials', async () => {
    await expect(client(DEMO_ACCOUNT.sid, 'wrong').sinks.list()).rejects.toMatchObject({
      status: 401,
      code: 20003,
    })
  })

  test('works with an API key', async () => {
    const [key] = DEMO_ACCOUNT.keys ?? []
    await events().sinks.create({
      description: 'Orders',
      sinkType: 'segment',
      sinkConfiguration: { write_key: 'w' },
    })
    expect(await client(key?.sid ?? '', key?.secret ?? '', DEMO_ACCOUNT.sid).sinks.list()).toHaveLength(1)
  })
})
