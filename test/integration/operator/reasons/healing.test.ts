import { afterAll, beforeAll, expect, it } from 'vitest'
import { newRandomSid } from '../../../rigs/simulator/sids.ts'
import { ready, readyReason, sink } from '../stage.ts'
import { setSinkStage, url, type SinkStage } from './sink-stage.ts'

/**
 * People are promised 15 s where a settling poll takes 15 s; here it takes 500 ms, and the rest is for slow machines.
 * Waiting for the next poll would take longer.
 */
const SOON = 15_000
const FLAGS = { 'poll-interval': '60s' }

let stage: SinkStage
let other: string
beforeAll(async () => {
  stage = await setSinkStage({ name: 'healing', flags: FLAGS })
  other = `${stage.namespace}-b`
  await stage.cluster.createNamespace(other)
  await stage.operator().stop()
  await stage.restart({ 'watch-namespaces': `${stage.namespace},${other}` })
})
afterAll(() => stage.end())

interface Row {
  readonly what: string
  readonly name: string
  readonly spec: Readonly<Record<string, unknown>>
  readonly reason: string
  /** Words that its message names: what exactly is wrong. */
  readonly names: readonly string[]
  readonly before?: () => Promise<unknown>
  readonly repair: () => Promise<unknown>
}

const merge = (kind: string, name: string, change: object, namespace = stage.namespace) =>
  stage.kubectl(['-n', namespace, 'patch', kind, name, '--type=merge', '-p', JSON.stringify(change)])
const secret = (name: string, key: string, value: string) =>
  stage.kubectl(['create', 'secret', 'generic', name, `--from-literal=${key}=${value}`])

async function account(name: string, namespace: string): Promise<void> {
  const sid = newRandomSid('AC')
  await stage.simulator.admin.addAccount({ sid, authToken: 'canary-token' })
  const both = [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      stringData: { TWILIO_AUTH_TOKEN: 'canary-token' },
    },
    {
      apiVersion: 'events.twilio.com/v1alpha1',
      kind: 'TwilioAccount',
      metadata: { name, namespace },
      spec: { accountSid: sid, credentialsSecretRef: { name } },
    },
  ]
  const list = { apiVersion: 'v1', kind: 'List', items: both }
  const { code, stderr } = await stage.cluster.kubectl(['apply', '-f', '-'], JSON.stringify(list))
  if (code !== 0) throw new Error(stderr)
}

const destination = (name: string) => ({ webhook: { destinationSecretRef: { name, key: 'url' } } })

const ROWS: readonly Row[] = [
  {
    what: 'a Secret that is missing',
    name: 'no-secret',
    spec: destination('no-secret'),
    reason: 'SecretMissing',
    names: ['no-secret'],
    repair: () => secret('no-secret', 'url', url('secret')),
  },
  {
    what: 'a key that is missing in its Secret',
    name: 'no-key',
    spec: destination('no-key'),
    reason: 'SecretMissing',
    names: ['no-key', 'url'],
    before: () => secret('no-key', 'uri', url('key')),
    repair: () => merge('secret', 'no-key', { stringData: { url: url('key') } }),
  },
  {
    what: 'a value that is malformed',
    name: 'malformed',
    spec: destination('malformed'),
    reason: 'InvalidValue',
    names: ['malformed', 'url'],
    before: () => secret('malformed', 'url', 'ftp://somewhere'),
    repair: () => merge('secret', 'malformed', { stringData: { url: url('formed') } }),
  },
  {
    what: 'an account that is missing',
    name: 'no-account',
    spec: { accountRef: { name: 'later' } },
    reason: 'AccountNotReady',
    names: ['later'],
    repair: () => account('later', stage.namespace),
  },
  {
    what: 'an account that does not allow the namespace',
    name: 'not-allowed',
    // The namespace is known when the test runs.
    spec: {},
    reason: 'AccountNotReady',
    names: ['strict'],
    before: () => account('strict', other),
    repair: () => merge('twilioaccount', 'strict', { spec: { allowedNamespaces: { from: 'All' } } }, other),
  },
]

it.each(ROWS)('$what is named, waited for, and heals soon after its repair', async (row) => {
  const { name, reason, names, before, repair } = row
  await before?.()
  const strict = name === 'not-allowed' ? { accountRef: { name: 'strict', namespace: other } } : {}
  await stage.apply(sink(name, { ...row.spec, ...strict }))
  const { status } = await readyReason(stage, name, reason)
  const { message = '' } = status.conditions?.find(({ type }) => type === 'Ready') ?? {}
  for (const word of names) expect(message).toContain(word)
  await repair()
  const repaired = Date.now()
  await ready(stage, name)
  expect(Date.now() - repaired).toBeLessThan(SOON)
})

it('leaves a Sink beside them alone, since other Sinks have nothing to do with it', async () => {
  const { before, now } = await stage.bystander()
  expect(now).toBe(before)
})
