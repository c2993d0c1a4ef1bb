import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  apiCaller,
  kinesisForm,
  segmentForm,
  subscriptionForm,
  webhookForm,
  type Sending,
} from './api-caller.ts'
import { describedOperations } from './openapi.ts'
import { matchRoute, routes } from './routes.ts'
import { startSimulator, type Simulator } from './simulator.ts'

const described = describedOperations()
const seen = new Set<string>()
let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.stop())

/** Calls, and holds the answer against the schema that Twilio's file gives for the operation and status. */
async function call(method: string, path: string, sending?: Sending) {
  const received = await apiCaller(simulator.url)(method, path, sending)
  const name = matchRoute(method, new URL(path, simulator.url).pathname)?.route?.name ?? 'none'
  const validate = described.get(name)?.answers.get(received.status)
  expect(validate, `${name} declares ${received.status}`).toBeDefined()
  if (validate) expect(validate(received.body), JSON.stringify(validate.errors)).toBe(true)
  else expect(received.text).toBe('')
  seen.add(name)
  return received
}

describe("the answers agree with Twilio's OpenAPI file", () => {
  test('each route is an operation of the file, under the same name, method and path', () => {
    for (const { name, method, path } of routes) {
      const operation = described.get(name)
      expect(operation?.method.toUpperCase(), name).toBe(method)
      expect(operation?.path.replace('{SubscriptionSid}', '{Sid}'), name).toBe(path)
    }
  })

  test('the validator can fail: a status word that is not in the file is seen', () => {
    const validate = described.get('FetchSink')?.answers.get(200)
    expect(validate?.({ status: 'active' })).toBe(true)
    expect(validate?.({ status: 'nope' })).toBe(false)
    expect(validate?.({ sid: null })).toBe(true)
  })

  test('a run over all operations', async () => {
    const made: string[] = []
    for (const form of [webhookForm, kinesisForm, segmentForm]) {
      made.push((await call('POST', '/v1/Sinks', { form })).body.sid)
    }
    const sink = `/v1/Sinks/${made[0]}`
    const first = await call('GET', '/v1/Sinks?PageSize=2')
    await call('GET', String(first.body.meta.next_page_url))
    await call('GET', sink)
    await call('POST', sink, { form: { Description: 'Other words' } })
    await call('POST', `${sink}/Test`)
    await call('POST', `${sink}/Validate`, { form: { TestId: 'any' } })

    const subscribed = await call('POST', '/v1/Subscriptions', { form: subscriptionForm(made[0] ?? '') })
    const subscription = `/v1/Subscriptions/${subscribed.body.sid}`
    await call('GET', '/v1/Subscriptions')
    await call('GET', subscription)
    await call('POST', subscription, { form: { Description: 'Some messages' } })

    const events = `${subscription}/SubscribedEvents`
    await call('POST', events, { form: { Type: 'com.twilio.voice.insights', SchemaVersion: '2' } })
    await call('GET', `${events}?PageSize=1`)
    await call('GET', `${events}/com.twilio.voice.insights`)
    await call('POST', `${events}/com.twilio.voice.insights`, { form: { SchemaVersion: '3' } })
    await call('DELETE', `${events}/com.twilio.voice.insights`)
    await call('DELETE', subscription)
    await call('DELETE', sink)

    expect([...seen].toSorted()).toEqual(routes.map(({ name }) => name).toSorted())
  })
})
