import { afterAll, beforeAll, expect, test } from 'vitest'
import { condition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import type { AuditedRequest } from '../../rigs/control-plane/audit-log.ts'
import { setStage, sink, type Stage } from './stage.ts'

const NEW = 50
const EDITED = 10
const SINK_SID = /^DG[0-9a-f]{32}$/

let stage: Stage

beforeAll(async () => {
  stage = await setStage({
    name: 'counts',
    // Generous: a call that is given up because the machine is slow would be repeated, rightly, and three polls that are late
    // would be told of.
    flags: { 'poll-interval': '5s', 'call-timeout': '10s', 'settle-time': '20s', 'log-level': 'info' },
  })
  const values = ['destination=https://user:word@secret.example.com/events', 'externalId=eid', 'writeKey=key']
  await stage.kubectl([
    'create',
    'secret',
    'generic',
    'values',
    ...values.map((pair) => `--from-literal=${pair}`),
  ])
})
afterAll(() => stage.end())

const from = (key: string) => ({ name: 'values', key })
const TYPES = [
  { webhook: { destinationSecretRef: from('destination') } },
  {
    kinesis: {
      arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders',
      roleArn: 'arn:aws:iam::123456789012:role/writer',
      externalIdSecretRef: from('externalId'),
    },
  },
  { segment: { writeKeySecretRef: from('writeKey') } },
]
const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

/** A third of each type, in one request of kubectl. */
function sinks(called: readonly string[], edition = ''): string {
  const items = called.map((name, index) =>
    sink(name, { ...TYPES[index % TYPES.length], description: `Events of ${name}${edition}` }),
  )
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}

async function allReady(count: number): Promise<void> {
  await until(
    `${count} Sinks are Ready`,
    async () => {
      const { items } = JSON.parse(await stage.kubectl(['get', 'sinks', '-o', 'json'])) as {
        items: SinkObject[]
      }
      const current = items.filter(
        (object) =>
          condition(object, 'Ready')?.status === 'True' &&
          object.status.observedGeneration === object.metadata.generation,
      )
      return current.length === count
    },
    120_000,
  )
}

/** Longer than the next poll, so that a late write is counted too. */
const restForAPoll = () => new Promise((resolve) => setTimeout(resolve, 6_500))

async function operatorWrites(since: number): Promise<AuditedRequest[]> {
  const writes = await stage.cluster.audit.writes({ namespace: stage.namespace, since })
  return writes.filter(({ userAgent }) => userAgent?.startsWith('kubectl') !== true)
}

function countedBy<T>(entries: readonly T[], nameOf: (entry: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const entry of entries) counts[nameOf(entry)] = (counts[nameOf(entry)] ?? 0) + 1
  return counts
}

const all = (called: readonly string[], count: number) =>
  Object.fromEntries(called.map((name) => [name, count]))

test('a new Sink costs two writes and one POST, an edit one of each, however many come at once', async () => {
  const old = names('old', EDITED)
  const fresh = names('fresh', NEW)
  await stage.kubectl(['apply', '-f', '-'], sinks(old))
  await allReady(EDITED)
  await restForAPoll()
  const mark = await stage.cluster.audit.mark()
  const since = (await stage.simulator.admin.journal()).at(-1)?.sequence ?? 0

  await Promise.all([
    stage.kubectl(['create', '-f', '-'], sinks(fresh)),
    stage.kubectl(['apply', '-f', '-'], sinks(old, ', edited')),
  ])
  await allReady(NEW + EDITED)
  await restForAPoll()

  const writes = await operatorWrites(mark)
  const onSinks = writes.filter(({ objectRef }) => objectRef.resource === 'sinks')
  const name = ({ objectRef }: AuditedRequest) => objectRef.name ?? ''
  expect(countedBy(onSinks, name)).toEqual({ ...all(fresh, 2), ...all(old, 1) })
  expect(onSinks.filter(({ responseStatus }) => responseStatus?.code !== 200)).toEqual([])

  const calls = (await stage.simulator.admin.journal(since)).filter(({ method }) => method !== 'GET')
  expect(new Set(calls.map(({ method }) => method))).toEqual(new Set(['POST']))
  const named = ({ description }: { description: string | null }) =>
    /Events of (?<name>[\w-]+)/.exec(description ?? '')?.groups?.name ?? ''
  expect(countedBy(calls, named)).toEqual({ ...all(fresh, 1), ...all(old, 1) })
  expect(calls.every(({ sid, status }) => SINK_SID.test(sid ?? '') && status !== null && status < 300)).toBe(
    true,
  )

  const events = writes.filter(({ objectRef }) => objectRef.resource === 'events')
  expect(events.length).toBeGreaterThanOrEqual(NEW)
  expect(events.length).toBeLessThanOrEqual(NEW + EDITED)
  const others = writes.filter(({ objectRef }) => !['sinks', 'events'].includes(objectRef.resource))
  expect(new Set(others.map(({ objectRef }) => objectRef.resource))).toEqual(new Set(['twilioaccounts']))
})
