import { afterAll, beforeAll, expect, test } from 'vitest'
import { condition } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { newRandomSid } from '../../rigs/simulator/sids.ts'
import {
  forward,
  json,
  startScriptedServer,
  type ScriptedReply,
  type ScriptedServer,
} from '../../rigs/proxy/scripted-server.ts'
import { canary, tracesOf, type Canary } from './secrets-canary.ts'
import { outputs } from './secrets-outputs.ts'
import { giveAccount, ready, readyReason, setStage, sink, type Stage } from './stage.ts'

/**
 * A Twilio that quotes a part of a value that came from a Secret: the end of a path, half a token. Nothing can recognise
 * every part of a secret, so what people read there must be the operator's own words.
 */
const path = canary('token in a path')
/** What is quoted: neither the value nor one of its parts as the operator knows them. */
const half: Canary = { name: 'half a token', text: path.text.slice(3, 17) }
const long = canary('value of 100 kB')
const longToken = canary('auth token of 100 kB')

let stage: Stage
let twilio: ScriptedServer
const quotes: string[] = []

const refusal = (code: number) => ({
  code,
  message: `Cannot use ${half.text}`,
  more_info: half.text,
  status: 400,
})

/** What the description of a Sink names is refused so; Test and Validate are always answered so. */
const answer: ScriptedReply = (seen, response, socket) => {
  const { method, url, body } = seen
  const quote = (status: number, value: unknown) => {
    quotes.push(url)
    return json(status, value)(seen, response, socket)
  }
  if (url.endsWith('/Validate')) return quote(400, refusal(91005))
  if (url.endsWith('/Test')) return quote(201, { result: half.text })
  if (method === 'POST' && body.includes('refused-in-part')) return quote(400, refusal(91000))
  return forward(stage.simulator.url, seen, response, (text) => {
    const changed = text.replaceAll('"failed"', JSON.stringify(half.text))
    if (changed.includes(half.text)) quotes.push('a status word')
    return changed
  })
}

beforeAll(async () => {
  twilio = await startScriptedServer()
  stage = await setStage({
    name: 'in-part',
    account: false,
    flags: {
      'twilio-base-url': twilio.url,
      'poll-interval': '500ms',
      'settling-poll-interval': '300ms',
    },
  })
  twilio.script(answer)
  await giveAccount(stage)
  await put('values', {
    webhook: `https://events.example.com/hooks/${path.text}`,
    ...Object.fromEntries(
      ['url', 'id', 'key'].map((key) => [
        key,
        `${key === 'url' ? 'https://a.example.com/' : ''}${long.text.repeat(4_200)}`,
      ]),
    ),
  })
})
afterAll(async () => {
  await stage.end()
  await twilio[Symbol.asyncDispose]()
})

const put = (name: string, stringData: Readonly<Record<string, string>>) =>
  stage.kubectl(
    ['create', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }),
  )

const fromSecret = (key: string, more: Readonly<Record<string, unknown>> = {}) => ({
  webhook: { destinationSecretRef: { name: 'values', key } },
  ...more,
})

async function expectNoTrace(): Promise<void> {
  const found = Object.entries(await outputs(stage)).flatMap(([place, text]) =>
    [path, half, long, longToken].flatMap((one) => tracesOf(one, text).map((trace) => `${place}: ${trace}`)),
  )
  expect(found).toEqual([])
}

const answered = (name: string, field: 'lastTest' | 'lastValidation') =>
  until(`${name} has ${field}`, async () => (await stage.get('sinks', name))?.status[field])

test('a refusal that quotes a part of a value is told by its code', async () => {
  await stage.apply(sink('refused-in-part', fromSecret('webhook')))
  const object = await readyReason(stage, 'refused-in-part', 'CreateRefused')
  expect(condition(object, 'Ready')?.message).toMatch(/91000/u)
  await expectNoTrace()
})

test('answers to a test event and a validation that quote one are told in our own words', async () => {
  await stage.apply(sink('probed', fromSecret('webhook')))
  await ready(stage, 'probed')
  await stage.kubectl(['annotate', 'sink', 'probed', 'events.twilio.com/test-requested-at=now'])
  await answered('probed', 'lastTest')
  await stage.kubectl(['annotate', 'sink', 'probed', 'events.twilio.com/validate=an-id'])
  expect(JSON.stringify(await answered('probed', 'lastValidation'))).toMatch(/91005/u)
  expect(quotes.filter((url) => /Test|Validate/u.test(url))).toHaveLength(2)
  await expectNoTrace()
})

test('a status word that quotes one is shown as one that this version does not know', async () => {
  await stage.apply(sink('worded', fromSecret('webhook')))
  const { status } = await ready(stage, 'worded')
  await stage.simulator.admin.changeSink(status.sid ?? '', { status: 'failed' })
  await readyReason(stage, 'worded', 'UnrecognisedStatus')
  expect(quotes).toContain('a status word')
  await expectNoTrace()
})

test('values and credentials of 100 kB are refused by Secret and key, and reach nothing else', async () => {
  const arns = {
    arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders',
    roleArn: 'arn:aws:iam::123456789012:role/writer',
  }
  const specs = {
    'long-url': fromSecret('url'),
    'long-id': { kinesis: { ...arns, externalIdSecretRef: { name: 'values', key: 'id' } } },
    'long-key': { segment: { writeKeySecretRef: { name: 'values', key: 'key' } } },
  }
  for (const [name, spec] of Object.entries(specs)) await stage.apply(sink(name, spec))
  for (const name of Object.keys(specs)) {
    const object = await readyReason(stage, name, 'InvalidValue')
    expect(condition(object, 'Ready')?.message).toMatch(/\bvalues\b/u)
  }
  await put('long', { TWILIO_AUTH_TOKEN: longToken.text.repeat(4_200) })
  await stage.apply({
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: 'TwilioAccount',
    metadata: { name: 'long' },
    spec: { accountSid: newRandomSid('AC'), credentialsSecretRef: { name: 'long' } },
  })
  await until('the account says so', async () => {
    const ready = condition(await stage.get('twilioaccounts', 'long'), 'Ready')
    return ready?.reason === 'SecretInvalid' && ready.message.includes('TWILIO_AUTH_TOKEN')
  })
  await expectNoTrace()
})
