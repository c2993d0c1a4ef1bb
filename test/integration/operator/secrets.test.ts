import { afterAll, beforeAll, expect, test } from 'vitest'
import { condition, readyCondition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { newRandomSid } from '../../rigs/simulator/sids.ts'
import { apiCaller, segmentForm, webhookForm } from '../../rigs/simulator/api-caller.ts'
import { tracesOf, type Canary } from './secrets-canary.ts'
import { ECHOES, startEchoingTwilio, type Echo, type EchoingTwilio } from './secrets-echoing-twilio.ts'
import { outputs } from './secrets-outputs.ts'
import {
  CANARIES,
  changed,
  externalIds,
  foreign,
  malformed,
  misplaced,
  secretOf,
  SOURCES,
  specWith,
  TYPES,
  urls,
  SECRET_VALUES,
  writeKeys,
  type Type,
} from './secrets-values.ts'
import { giveAccount, readyReason, setStage, sink, type Stage } from './stage.ts'

let stage: Stage
let twilio: EchoingTwilio

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
  await putSecret('values', Object.fromEntries(TYPES.map((type) => [type, SECRET_VALUES[type].secret])))
})
afterAll(async () => {
  await stage.end()
  await twilio[Symbol.asyncDispose]()
})

async function expectNoTrace(): Promise<void> {
  const canaries = [{ name: 'auth token', text: stage.token.replace('token-', '') }, ...CANARIES]
  const found = Object.entries(await outputs(stage)).flatMap(([place, text]) =>
    canaries.flatMap((one) => tracesOf(one, text).map((trace) => `${place}: ${trace}`)),
  )
  expect(found).toEqual([])
}

const REFUSALS: readonly Echo[] = ['classic', 'encoded', 'rfc9457']
/** Twilio says that it did not process the request. */
const reasonFor = (echo: Echo): string | undefined => {
  if (echo === 'headers') return undefined
  return REFUSALS.includes(echo) ? 'CreateRefused' : 'CreateOutcomeUnknown'
}

/** In no order: what the last one says may be over before the first has said it. */
async function allSay(reasons: ReadonlyMap<string, string | undefined>): Promise<void> {
  const missing = new Map([...reasons].filter(([, reason]) => reason !== undefined))
  const look = async (): Promise<boolean> => {
    const { items } = JSON.parse(await stage.kubectl(['get', 'sinks', '-o', 'json'])) as {
      items: SinkObject[]
    }
    for (const object of items) {
      const { name } = object.metadata
      if (missing.get(name) === readyCondition(object)?.reason) missing.delete(name)
    }
    return missing.size === 0
  }
  await until('each Sink says how its create has ended', look, 120_000, 300)
}

const names = (prefix: string) =>
  TYPES.flatMap((type) => SOURCES.map((source) => ({ name: `${prefix}-${type}-${source}`, type, source })))

test('errors of a create that quote the whole request leave no trace of its secrets', async () => {
  const all = ECHOES.flatMap((echo) => names(echo).map((one) => ({ ...one, echo })))
  await create(
    all.map(({ name, type, source, echo }) =>
      sink(name, { ...specWith(type, source), description: `echo:${echo}` }),
    ),
  )
  await allSay(new Map(all.map(({ name, echo }) => [name, reasonFor(echo)])))
  const quoted = twilio.quoted()
  const sent = [...Object.values(urls).flat(), ...Object.values(externalIds), ...Object.values(writeKeys)]
  expect(sent.filter((one) => tracesOf(one, quoted).length === 0)).toEqual([])
  await expectNoTrace()
  twilio.echoNoCreates()
})

test('errors of reads that quote the credential leave no trace of it', async () => {
  const sid = newRandomSid('AC')
  const key = newRandomSid('SK')
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

test('what Twilio tells of sinks of others is not quoted, however broken it is', async () => {
  const { admin, url } = stage.simulator
  const call = apiCaller(url)
  const as = `${stage.accountSid}:${stage.token}`
  const destination = `https://u:${foreign.webhook.text}@a.example.com`
  const made = async (form: Readonly<Record<string, string>>, configuration: unknown) =>
    (
      await call('POST', '/v1/Sinks', {
        as,
        form: { ...form, SinkConfiguration: JSON.stringify(configuration) },
      })
    ).body
  await made(webhookForm, { destination })
  await made(segmentForm, { write_key: foreign.segment.text })
  const odd = await made(segmentForm, { write_key: foreign.odd.text })
  const deep = { [foreign.odd.text]: [foreign.odd.text] }
  await admin.changeSink(odd.sid, {
    configuration: { write_key: deep, destination: 7, [foreign.odd.text]: deep },
  })
  // Before the faults: a poll may meet the first of them at once.
  const since = (await admin.journal()).at(-1)?.sequence ?? 0
  const match = { operation: 'ListSink', account: stage.accountSid }
  await admin.addFault({ kind: 'halfJson', times: 2, match })
  await admin.addFault({ kind: 'halfJson', cut: true, times: 2, match })
  await until('the LISTs were broken, and one was not', async () => {
    const lists = (await admin.journal(since)).filter(
      ({ operation, account }) => operation === 'ListSink' && account === stage.accountSid,
    )
    const broken = lists.filter(({ fault }) => fault === 'halfJson')
    return broken.length === 4 && lists.at(-1)?.fault === null
  })
  await accountReason('default', 'Verified')
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
    spec: { accountSid: newRandomSid('AC'), credentialsSecretRef: { name: 'swapped' } },
  })
  await create(TYPES.map((type) => sink(`malformed-${type}`, specWith(type, 'secret', 'malformed'))))
  for (const type of TYPES) await readyReason(stage, `malformed-${type}`, 'InvalidValue')
  await accountReason('swapped', 'SecretInvalid')
  await expectNoTrace()
})

test('changed values and a new token are not quoted', async () => {
  await putSecret('changing', Object.fromEntries(TYPES.map((type) => [type, SECRET_VALUES[type].secret])))
  await create(TYPES.map((type) => sink(`changing-${type}`, specWith(type, 'secret', 'changing'))))
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
