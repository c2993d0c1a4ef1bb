import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { canary, tracesOf, type Canary } from './secrets-canary.ts'
import { ECHOES, startEchoingTwilio, type Echo, type EchoingTwilio } from './secrets-echoing-twilio.ts'
import { condition, giveAccount, readyReason, setStage, sink, until, type Stage } from './stage.ts'

let stage: Stage
let twilio: EchoingTwilio

const secretOf = { keyed: canary('API key secret'), rotated: canary('auth token put in later') }
const SOURCES = ['literal', 'secret'] as const
const TYPES = ['webhook', 'kinesis', 'segment'] as const
type Source = (typeof SOURCES)[number]
type Type = (typeof TYPES)[number]

const URL_PARTS = ['user', 'password', 'path', 'query'] as const
const urls = Object.fromEntries(
  SOURCES.map((source) => [source, URL_PARTS.map((part) => canary(`${part} of a destination, ${source}`))]),
) as Record<Source, Canary[]>
const externalIds = { literal: canary('external id, literal'), secret: canary('external id, secret') }
const writeKeys = { literal: canary('write key, literal'), secret: canary('write key, secret') }
const malformed = {
  webhook: canary('bad URL'),
  kinesis: canary('bad external id'),
  segment: canary('bad key'),
}
const changed = { webhook: canary('new URL'), kinesis: canary('new external id'), segment: canary('new key') }
const misplaced = canary('API secret in the place of the SID')

const destination = (source: Source) => {
  const [user, password, path, query] = urls[source].map(({ text }) => text)
  return `https://${user}:${password}@events.example.com/${path}?token=${query}`
}

const VALUES: Record<Type, Record<Source, string>> = {
  webhook: { literal: destination('literal'), secret: destination('secret') },
  kinesis: { literal: externalIds.literal.text, secret: `${externalIds.secret.text}+/=@` },
  segment: { literal: writeKeys.literal.text, secret: writeKeys.secret.text },
}
const arns = {
  arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders',
  roleArn: 'arn:aws:iam::123456789012:role/writer',
}
const MEMBER = { webhook: 'destination', kinesis: 'externalId', segment: 'writeKey' } as const

function spec(type: Type, source: Source, secretName = 'values') {
  const name = MEMBER[type]
  const value =
    source === 'literal'
      ? { [name]: VALUES[type].literal }
      : { [`${name}SecretRef`]: { name: secretName, key: type } }
  return { [type]: { ...(type === 'kinesis' ? arns : {}), ...value } }
}

const create = (items: readonly unknown[]) =>
  stage.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))

const putSecret = (name: string, stringData: Readonly<Record<string, string>>) =>
  stage.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData })

const valuesOf = (canaries: Readonly<Record<Type, Canary>>, form: (type: Type, text: string) => string) =>
  Object.fromEntries(TYPES.map((type) => [type, form(type, canaries[type].text)]))

beforeAll(async () => {
  twilio = await startEchoingTwilio()
  stage = await setStage({
    name: 'secrets',
    account: false,
    flags: {
      'twilio-base-url': twilio.url,
      'call-timeout': '2s',
      'settle-time': '4s',
      'poll-interval': '500ms',
      'settling-poll-interval': '300ms',
    },
  })
  twilio.forwardTo(stage.simulator.url)
  await giveAccount(stage)
  await putSecret('values', Object.fromEntries(TYPES.map((type) => [type, VALUES[type].secret])))
})
afterAll(async () => {
  await stage.end()
  await twilio.stop()
})

/** Everything that people or programs can see of the operator. */
async function outputs(): Promise<Record<string, string>> {
  const seen = async (kind: string) =>
    (
      JSON.parse(await stage.kubectl(['get', kind, '-o', 'json'])) as {
        items: { status?: unknown; metadata: unknown }[]
      }
    ).items
  const sinks = (await seen('sinks')).map(({ status, metadata }) => ({ status, metadata }))
  const operator = stage.operator()
  const page = async (url: string) => (await fetch(url)).text()
  return {
    log: operator.log(),
    status: JSON.stringify(sinks),
    accounts: JSON.stringify(await seen('twilioaccounts')),
    events: JSON.stringify(await seen('events.events.k8s.io')),
    metrics: await page(operator.metricsUrl),
    health: (await page(`${operator.healthUrl}/readyz`)) + (await page(`${operator.healthUrl}/healthz`)),
  }
}

const everyCanary = (): Canary[] => [
  { name: 'auth token', text: stage.token.replace('token-', '') },
  ...Object.values(secretOf),
  ...Object.values(urls).flat(),
  ...[externalIds, writeKeys, malformed, changed].flatMap((set) => Object.values(set)),
  misplaced,
]

async function expectNoTrace(): Promise<void> {
  const found = Object.entries(await outputs()).flatMap(([place, text]) =>
    everyCanary().flatMap((one) => tracesOf(one, text).map((trace) => `${place}: ${trace}`)),
  )
  expect(found).toEqual([])
}

const REFUSALS: readonly Echo[] = ['classic', 'encoded', 'rfc9457']
/** Twilio says that it did not process the request. */
const reasonFor = (echo: Echo): string | undefined => {
  if (echo === 'headers') return undefined
  return REFUSALS.includes(echo) ? 'CreateRefused' : 'CreateOutcomeUnknown'
}

const names = (prefix: string) =>
  TYPES.flatMap((type) => SOURCES.map((source) => ({ name: `${prefix}-${type}-${source}`, type, source })))

test('errors of a create that quote the whole request leave no trace of its secrets', async () => {
  const all = ECHOES.flatMap((echo) => names(echo).map((one) => ({ ...one, echo })))
  await create(
    all.map(({ name, type, source, echo }) =>
      sink(name, { ...spec(type, source), description: `echo:${echo}` }),
    ),
  )
  for (const { name, echo } of all) {
    const reason = reasonFor(echo)
    if (reason !== undefined) await readyReason(stage, name, reason)
  }
  const quoted = twilio.quoted()
  const sent = [...Object.values(urls).flat(), ...Object.values(externalIds), ...Object.values(writeKeys)]
  expect(sent.filter((one) => tracesOf(one, quoted).length === 0)).toEqual([])
  await expectNoTrace()
  twilio.echoNoCreates()
})

test('errors of reads that quote the credential leave no trace of it', async () => {
  const sid = `AC${randomBytes(16).toString('hex')}`
  const key = `SK${randomBytes(16).toString('hex')}`
  await stage.simulator.admin.addAccount({ sid, keys: [{ sid: key, secret: secretOf.keyed.text }] })
  await putSecret('keyed', { TWILIO_API_KEY: key, TWILIO_API_SECRET: secretOf.keyed.text })
  await stage.apply({
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: 'TwilioAccount',
    metadata: { name: 'keyed' },
    spec: { accountSid: sid, credentialsSecretRef: { name: 'keyed' } },
  })
  await accountReason('keyed', 'Verified')
  for (const [echo, status, reason] of [
    ['classic', 401, 'Unauthorized'],
    ['classic', 403, 'Forbidden'],
    ['html', 500, 'TwilioUnreachable'],
    ['broken-head', 200, 'TwilioUnreachable'],
  ] as const) {
    twilio.echoReads({ echo, status })
    for (const name of ['default', 'keyed']) await accountReason(name, reason)
    twilio.echoReads(undefined)
    for (const name of ['default', 'keyed']) await accountReason(name, 'Verified')
  }
  expect(tracesOf(secretOf.keyed, twilio.quoted())).not.toEqual([])
  await expectNoTrace()
})

test('values that cannot be used are not quoted, neither of Sinks nor of accounts', async () => {
  await putSecret(
    'malformed',
    valuesOf(malformed, (type, text) => (type === 'webhook' ? `https://u:${text}@` : `${text} ${text}\n`)),
  )
  await putSecret('swapped', { TWILIO_API_KEY: misplaced.text, TWILIO_API_SECRET: misplaced.text })
  await stage.apply({
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: 'TwilioAccount',
    metadata: { name: 'swapped' },
    spec: { accountSid: `AC${randomBytes(16).toString('hex')}`, credentialsSecretRef: { name: 'swapped' } },
  })
  await create(TYPES.map((type) => sink(`malformed-${type}`, spec(type, 'secret', 'malformed'))))
  for (const type of TYPES) await readyReason(stage, `malformed-${type}`, 'InvalidValue')
  await accountReason('swapped', 'SecretInvalid')
  await expectNoTrace()
})

test('changed values and a new token are not quoted', async () => {
  await putSecret('changing', Object.fromEntries(TYPES.map((type) => [type, VALUES[type].secret])))
  await create(TYPES.map((type) => sink(`changing-${type}`, spec(type, 'secret', 'changing'))))
  for (const type of TYPES) await readyReason(stage, `changing-${type}`, 'Active')
  await putSecret(
    'changing',
    valuesOf(changed, (type, text) => (type === 'webhook' ? `https://u:${text}@a.example.com` : text)),
  )
  for (const type of TYPES) await readyReason(stage, `changing-${type}`, 'ReplacementRequired')
  await putSecret('twilio', { TWILIO_AUTH_TOKEN: secretOf.rotated.text })
  twilio.echoReads({ echo: 'classic', status: 401 })
  await accountReason('default', 'Unauthorized')
  await until('the new token is quoted', async () => tracesOf(secretOf.rotated, twilio.quoted()).length > 0)
  await stage.operator().stop()
  expect(tracesOf(secretOf.rotated, stage.operator().log())).toEqual([])
})

async function accountReason(name: string, reason: string): Promise<void> {
  await until(`account ${name} has Ready reason ${reason}`, async () => {
    const account = await stage.get('twilioaccounts', name)
    return condition(account, 'Ready')?.reason === reason
  })
}
