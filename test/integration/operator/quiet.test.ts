import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../rigs/until.ts'
import { newRandomSid } from '../../rigs/simulator/sids.ts'
import { apiCaller, subscriptionForm, webhookForm, type Caller } from '../../rigs/simulator/api-caller.ts'
import { ready, setStage, sink, type Stage } from './stage.ts'

const POLLS = 20
/** Three of them without an answer would be told: a busy machine may miss one. */
const POLL_MS = 1_500

let stage: Stage
let person: Caller
/** Another user of the account, known by a key of their own. */
const key = { sid: newRandomSid('SK'), secret: 'secret-of-somebody' }

beforeAll(async () => {
  stage = await setStage({
    name: 'quiet',
    // Answers that differ from what was sent are no reason to write either.
    settings: { secrets: 'masked', method: 'upper', destination: 'whatwg' },
    flags: {
      'poll-interval': `${POLL_MS}ms`,
      'settling-poll-interval': `${POLL_MS}ms`,
      'call-timeout': '5s',
      'settle-time': '10s',
    },
  })
  const { admin, url } = stage.simulator
  await admin.addCredential({ username: key.sid, password: key.secret, account: stage.accountSid })
  const call = apiCaller(url)
  person = (method, path, sending) => call(method, path, { ...sending, as: `${key.sid}:${key.secret}` })
})
afterAll(() => stage.end())

async function settle(): Promise<void> {
  const secret = [
    'create',
    'secret',
    'generic',
    'values',
    '--from-literal=writeKey=key',
    '--from-literal=rest=1',
  ]
  await stage.kubectl(secret)
  const made = await person('POST', '/v1/Sinks', {
    form: {
      ...webhookForm,
      SinkConfiguration: JSON.stringify({ destination: 'https://hand.example.com/e' }),
    },
  })
  await stage.apply(
    sink('imported', {
      description: webhookForm.Description,
      webhook: { destination: 'https://hand.example.com/e' },
      import: { sid: made.body.sid },
      deletionPolicy: 'Orphan',
    }),
  )
  await stage.apply(sink('literal', { webhook: { destination: 'https://user:word@LITERAL.example.com' } }))
  await stage.apply(sink('secret', { segment: { writeKeySecretRef: { name: 'values', key: 'writeKey' } } }))
  for (const name of ['imported', 'literal', 'secret']) await ready(stage, name)
  const used = await stage.get('sinks', 'literal')
  await person('POST', '/v1/Subscriptions', { form: subscriptionForm(used?.status.sid ?? '') })
  await until('the subscription is mirrored', async () => {
    const object = await stage.get('sinks', 'literal')
    return object?.status.subscriptions?.length === 1
  })
  await new Promise((resolve) => setTimeout(resolve, 3 * POLL_MS))
}

/** One round of what others do to the account and to the namespace. */
async function othersAtWork(round: number): Promise<void> {
  const { sid } = (await person('POST', '/v1/Sinks', { form: webhookForm })).body
  await person('POST', `/v1/Sinks/${sid}`, { form: { Description: `Renamed in round ${round}` } })
  await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  await person('DELETE', `/v1/Sinks/${sid}`)
  await stage.kubectl(['create', 'secret', 'generic', `unrelated-${round}`, '--from-literal=a=b'])
  await stage.kubectl([
    'patch',
    'secret',
    'values',
    '-p',
    JSON.stringify({ stringData: { rest: `${round}` } }),
  ])
}

const operatorsLists = async (since: number) =>
  (await stage.simulator.admin.journal(since)).filter(({ credential }) => credential === stage.accountSid)

test('at rest nothing is written or said, nor asked but two LISTs a poll, whatever others do and after a restart', async () => {
  await settle()
  const fromNow = { namespace: stage.namespace, since: await stage.cluster.audit.mark() }
  const since = (await stage.simulator.admin.journal()).at(-1)?.sequence ?? 0
  // A new process has to find everything as it is, too.
  await stage.operator().stop()
  await stage.restart()
  let round = 0
  await until(
    `${POLLS} polls`,
    async () => {
      await othersAtWork(round++)
      return (await operatorsLists(since)).filter(({ operation }) => operation === 'ListSink').length >= POLLS
    },
    4 * POLLS * POLL_MS,
  )

  const writes = (await stage.cluster.audit.writes(fromNow)).filter(
    ({ objectRef, userAgent }) =>
      objectRef.resource !== 'twilioaccounts' && userAgent?.startsWith('kubectl') !== true,
  )
  expect(writes).toEqual([])
  const calls = await operatorsLists(since)
  const count = (operation: string) => calls.filter((call) => call.operation === operation).length
  expect(new Set(calls.map(({ operation }) => operation))).toEqual(new Set(['ListSink', 'ListSubscription']))
  expect(Math.abs(count('ListSink') - count('ListSubscription'))).toBeLessThanOrEqual(1)
  expect(round).toBeGreaterThan(POLLS / 10)
})
