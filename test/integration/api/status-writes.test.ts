import { beforeAll, expect, test } from 'vitest'
import { parseSink } from '../../../src/api/sink.ts'
import { cut, STATUS_MAX_LENGTH, type StatusText } from '../../../src/api/status-length.ts'
import { parseTwilioAccount } from '../../../src/api/twilio-account.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import {
  accountManifest,
  type ObjectUnderTest,
  SINK_SID,
  sinkManifest,
  WEBHOOK,
} from '../../unit/api/objects.ts'

const cluster = sharedCluster()
const NAMESPACE = 'status-writes'

async function must(args: readonly string[], stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl([...args, '-n', NAMESPACE], stdin)
  expect(stderr, args.join(' ')).toBe('')
  expect(code).toBe(0)
  return stdout
}

const create = (manifest: ObjectUnderTest) => must(['create', '-f', '-'], JSON.stringify(manifest))
const get = async (object: string): Promise<unknown> => JSON.parse(await must(['get', object, '-o', 'json']))
const patch = (object: string, change: object, ...more: string[]) => [
  ...['patch', object, '--type=merge', '-p', JSON.stringify(change)],
  ...more,
]
const patchStatus = (object: string, status: object) =>
  must(patch(object, { status }, '--subresource=status'))

async function sink(name: string) {
  const read = parseSink(await get(`sink/${name}`))
  if (!read.readable) throw new Error(read.problem)
  return read.object
}

beforeAll(async () => {
  await cluster.createNamespace(NAMESPACE)
})

test('a new object is not observed yet, which keeps kubectl wait, Helm and Flux waiting', async () => {
  await create(sinkManifest('new'))
  await create(accountManifest('new'))
  expect(await get('sink/new')).toMatchObject({ status: { observedGeneration: -1 } })
  expect(await get('twilioaccount/new')).toMatchObject({ status: { observedGeneration: -1 } })
})

test('defaults are stored, so that omitted and explicit are the same object', async () => {
  const { metadata, spec } = await sink('new')
  expect(await get('sink/new')).toMatchObject({ spec: { webhook: { method: 'POST', batchEvents: false } } })
  await must(patch('sink/new', { spec: { webhook: spec.webhook } }))
  expect((await sink('new')).metadata.generation).toBe(metadata.generation)
  const account = parseTwilioAccount(await get('twilioaccount/new'))
  expect(account).toMatchObject({
    readable: true,
    object: { spec: { allowedNamespaces: { from: 'Same' }, imports: 'Same' } },
  })
})

test('a status in the metadata of a create is ignored, so nobody can plant a SID', async () => {
  await create({ ...sinkManifest('planted'), status: { sid: SINK_SID } })
  expect((await sink('planted')).status.sid).toBeUndefined()
})

test('words of Twilio that nobody has heard of are stored as they are', async () => {
  const condition = {
    type: 'odd type!',
    status: 'Perhaps',
    reason: 'with blanks',
    message: '',
    lastTransitionTime: 'yesterday',
  }
  const odd = {
    observedGeneration: 0,
    sid: 'not a SID',
    accountSid: '',
    sinkType: 'e-mail 😀',
    sinkStatus: 'on <holiday>',
    url: 'no url',
    dateCreated: 'long ago',
    createAttempt: Number.MAX_SAFE_INTEGER,
    subscriptions: Array.from({ length: 200 }, (_, index) => `DF${index}`),
    notComparable: ['', 'destination'],
    lastTest: { requestedAt: 'now', result: '' },
    lastValidation: { testId: '{}', result: '\u0007' },
    conditions: [condition],
  }
  await create(sinkManifest('odd'))
  await patchStatus('sink/odd', odd)
  expect(await get('sink/odd')).toMatchObject({ status: odd })
  expect((await sink('odd')).status.sinkStatus).toBe('on <holiday>')
})

test('every text that was cut fits, whatever characters it is made of', async () => {
  const long = (field: StatusText) => cut('😀'.repeat(STATUS_MAX_LENGTH[field] + 9), field)
  await create(sinkManifest('long'))
  await create(accountManifest('long'))
  const condition = {
    type: long('conditionType'),
    status: long('conditionStatus'),
    reason: long('reason'),
    message: long('message'),
    lastTransitionTime: long('lastTransitionTime'),
  }
  await patchStatus('sink/long', {
    sid: long('sid'),
    accountSid: long('accountSid'),
    keyDigest: long('keyDigest'),
    sinkType: long('sinkType'),
    sinkStatus: long('sinkStatus'),
    url: long('url'),
    dateCreated: long('dateCreated'),
    dateUpdated: long('dateUpdated'),
    subscriptions: [long('subscription')],
    notComparable: [long('notComparable')],
    lastHandledReconcileAt: long('lastHandledReconcileAt'),
    lastTest: { requestedAt: long('requestedAt'), result: long('result') },
    lastValidation: { testId: long('testId'), result: long('result') },
    conditions: [condition],
  })
  const keys = [{ digest: long('keyDigest'), since: long('keySince') }]
  const account = { installationId: long('installationId'), keys }
  await patchStatus('twilioaccount/long', { ...account, conditions: [condition] })
})

test('a text that was not cut refuses the whole write, which is why the writer cuts', async () => {
  await create(sinkManifest('uncut'))
  const status = { sid: SINK_SID, sinkStatus: 'x'.repeat(STATUS_MAX_LENGTH.sinkStatus + 1) }
  const { code } = await cluster.kubectl([
    ...patch('sink/uncut', { status }, '--subresource=status'),
    '-n',
    NAMESPACE,
  ])
  expect(code).toBe(1)
  expect((await sink('uncut')).status.sid).toBeUndefined()
})

test('a status taken away is not observed again, instead of looking current', async () => {
  await create(sinkManifest('emptied'))
  await patchStatus('sink/emptied', { observedGeneration: 1, sid: SINK_SID })
  await must(patch('sink/emptied', { status: null }, '--subresource=status'))
  expect((await sink('emptied')).status).toEqual({ observedGeneration: -1, conditions: [] })
})

test('kubectl get shows the columns, and wide says why', async () => {
  await create(sinkManifest('shown'))
  const condition = {
    type: 'Ready',
    status: 'False',
    reason: 'Failed',
    message: 'fix the URL',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }
  const known = { sid: SINK_SID, sinkStatus: 'failed', sinkType: 'webhook', subscriptions: [] }
  await patchStatus('sink/shown', { ...known, conditions: [condition] })
  const [head = '', row = ''] = (await must(['get', 'sink/shown', '-o', 'wide'])).split('\n')
  expect(
    head
      .split(/\s{2,}/)
      .slice(0, -1)
      .join('|') + '|MESSAGE',
  ).toBe('NAME|READY|STATUS|TYPE|IN USE|SUSPENDED|SID|AGE|REASON|ACCOUNT|MESSAGE')
  expect(row).toMatch(
    new RegExp(`^shown +False +failed +webhook +\\[\\] +${SINK_SID} +\\S+ +Failed +fix the URL`),
  )
})

test('kubectl get says that a Sink is suspended, whatever Ready said before', async () => {
  await create(sinkManifest('paused', { ...WEBHOOK, suspend: true }))
  const rows = (await must(['get', 'sinks', '-o', 'wide'])).split('\n')
  const row = (name: string) => rows.find((line) => line.startsWith(`${name} `)) ?? ''
  expect(row('paused')).toMatch(/ true /u)
  expect(row('shown')).not.toMatch(/ true /u)
})

test('kubectl get twilio lists both kinds, and kubectl explain says what a field is', async () => {
  const names = await must(['get', 'twilio', '-o', 'name'])
  expect(names).toContain('sink.events.twilio.com/new')
  expect(names).toContain('twilioaccount.events.twilio.com/new')
  const field = await must(['explain', 'sink.spec.webhook.method'])
  expect(field).toMatch(/ENUM[^]*POST[^]*DESCRIPTION[^]*Default: POST/i)
  const webhook = await must(['explain', 'sink.spec.webhook'])
  expect(webhook.replaceAll(/\s+/gu, ' ')).toContain(
    'Set exactly one of destination and destinationSecretRef.',
  )
})
