import { expect, test } from 'vitest'
import { parseSink, sinkTypeOf } from '../../../src/api/sink.ts'
import { KINESIS, SECRET_REF, SEGMENT, sinkManifest, stored, WEBHOOK } from './objects.ts'

function read(value: unknown) {
  const result = parseSink(value)
  if (!result.readable) throw new Error(result.problem)
  return result.object
}

function problem(value: unknown) {
  const result = parseSink(value)
  if (result.readable) throw new Error('this was to be unreadable')
  return result
}

test('a Sink that nobody has looked at reads as observed at -1 without conditions', () => {
  expect(read(stored(sinkManifest('a'))).status).toEqual({ observedGeneration: -1, conditions: [] })
  expect(read({ ...stored(sinkManifest('a')), status: {} }).status.observedGeneration).toBe(-1)
})

test('what the API server would have defaulted is there, so that an object of an older CRD means the same', () => {
  expect(read(stored(sinkManifest('a'))).spec.webhook).toEqual({
    ...WEBHOOK.webhook,
    method: 'POST',
    batchEvents: false,
  })
  expect(read(stored(sinkManifest('a'))).metadata).toMatchObject({
    finalizers: [],
    annotations: {},
    labels: {},
  })
})

test.for([
  ['webhook', WEBHOOK],
  ['kinesis', KINESIS],
  ['segment', SEGMENT],
] as const)('the member %s says the type', ([type, spec]) => {
  expect(sinkTypeOf(read(stored(sinkManifest('a', spec))).spec)).toBe(type)
})

test('unknown fields at any depth are left out, so that a newer CRD can be read', () => {
  const spec = { ...WEBHOOK, later: 1, webhook: { ...WEBHOOK.webhook, later: { a: 1 } } }
  const sink = read({ ...stored(sinkManifest('a', spec)), status: { later: [1] }, later: true })
  expect(JSON.stringify(sink)).not.toContain('later')
})

test('texts that only an older CRD admitted are read, since a Sink must not be lost over a length', () => {
  const spec = { description: 'x'.repeat(5_000), webhook: { destination: 'https://10.0.0.1' } }
  expect(read(stored(sinkManifest('a', spec))).spec.description).toHaveLength(5_000)
  const status = { observedGeneration: 1, sinkStatus: 'y'.repeat(5_000), sid: 'not a SID' }
  expect(read({ ...stored(sinkManifest('a')), status }).status).toMatchObject(status)
})

test('a condition with a word that Kubernetes does not know counts as Unknown', () => {
  const condition = { type: 'Ready', status: 'Perhaps', reason: 'Odd', message: '', lastTransitionTime: '' }
  const status = { conditions: [condition] }
  expect(read({ ...stored(sinkManifest('a')), status }).status.conditions[0]?.status).toBe('Unknown')
})

const UNREADABLE: [name: string, spec: Record<string, unknown>, field: string][] = [
  ['no type', {}, 'spec'],
  ['two types', { ...WEBHOOK, ...SEGMENT }, 'spec'],
  ['an unknown method', { webhook: { ...WEBHOOK.webhook, method: 'canary' } }, 'spec.webhook.method'],
  ['no destination', { webhook: {} }, 'spec.webhook'],
  ['two destinations', { webhook: { ...WEBHOOK.webhook, destinationSecretRef: SECRET_REF } }, 'spec.webhook'],
  ['an odd type', { segment: { writeKey: ['canary'] } }, 'spec.segment.writeKey'],
  ['an unknown policy', { ...WEBHOOK, deletionPolicy: 'canary' }, 'spec.deletionPolicy'],
]

test.for(UNREADABLE)('%s is a problem that names the field and no value', ([, spec, field]) => {
  const unreadable = problem(stored(sinkManifest('a', spec)))
  expect(unreadable.problem.startsWith(`${field}: `)).toBe(true)
  expect(unreadable.problem).not.toContain('canary')
})

test('an unreadable object still says who it is, so that it can be reported and released', () => {
  const manifest = stored(sinkManifest('a', {}))
  const deleted = {
    ...manifest.metadata,
    deletionTimestamp: '2026-01-02T00:00:00Z',
    finalizers: ['events.twilio.com/finalizer'],
  }
  const unreadable = problem({ ...manifest, metadata: deleted })
  expect(unreadable.partial?.metadata).toMatchObject({ namespace: 'shop', name: 'a', ...deleted })
})

test.for([undefined, null, 1, 'text', [], {}, { metadata: {} }])(
  '%j is a problem, not an exception',
  (value) => {
    expect(problem(value).problem).not.toBe('')
  },
)

test('of a status full of nonsense only a short problem is told, without a value', () => {
  const conditions = Array.from({ length: 5_000 }, () => ({ type: 7, status: { canary: 'canary' } }))
  const { problem: told } = problem({ ...stored(sinkManifest('a')), status: { conditions } })
  expect(told).toContain('status.conditions')
  expect(told.length).toBeLessThanOrEqual(512)
  expect(told).not.toContain('canary')
})
