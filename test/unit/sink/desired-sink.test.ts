import { describe, expect, it } from 'vitest'
import type { SinkSpec } from '../../../src/api/sink.ts'
import { desiredSink, secretsOf } from '../../../src/sink/desired-sink.ts'
import { fingerprints } from '../../../src/external/external-sink.ts'

const REF = { name: 's', key: 'k' }
const CANARY = 'canary-3b1f not a value'
const NO_SECRETS = () => undefined
const secrets = (values: Record<string, string>) => () => new Map(Object.entries(values))

interface Type {
  readonly type: string
  readonly member: string
  readonly literal: SinkSpec
  readonly fromSecret: SinkSpec
  readonly value: string
  readonly malformed: readonly string[]
  readonly configuration: Readonly<Record<string, unknown>>
}

const webhook = { method: 'POST', batchEvents: false } as const
const arns = {
  arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders',
  roleArn: 'arn:aws:iam::123456789012:role/twilio',
}
const TYPES: readonly Type[] = [
  {
    type: 'webhook',
    member: 'destination',
    literal: { description: ' Orders ', webhook: { ...webhook, destination: 'https://a.example.com/x' } },
    fromSecret: { description: 'Orders', webhook: { ...webhook, destinationSecretRef: REF } },
    value: 'https://a.example.com/x',
    malformed: [
      CANARY,
      'ftp://canary.example.com/',
      'https://canary-host/',
      'https://10.0.0.1/canary',
      `https://a.example.com/${'canary'.repeat(20_000)}`,
    ],
    configuration: { destination: 'https://a.example.com/x', method: 'POST', batch_events: false },
  },
  {
    type: 'kinesis',
    member: 'external_id',
    literal: { description: 'Orders', kinesis: { ...arns, externalId: 'id-1' } },
    fromSecret: { description: 'Orders', kinesis: { ...arns, externalIdSecretRef: REF } },
    value: 'id-1',
    malformed: [CANARY, 'canary!', 'canary'.repeat(300), 'canary'.repeat(20_000)],
    configuration: { arn: arns.arn, role_arn: arns.roleArn, external_id: 'id-1' },
  },
  {
    type: 'segment',
    member: 'write_key',
    literal: { description: 'Orders', segment: { writeKey: 'w1' } },
    fromSecret: { description: 'Orders', segment: { writeKeySecretRef: REF } },
    value: 'w1',
    malformed: [CANARY, 'canary'.repeat(100), 'canary'.repeat(20_000)],
    configuration: { write_key: 'w1' },
  },
]

describe.each(TYPES)(
  'a desired $type sink',
  ({ type, member, literal, fromSecret, value, malformed, ...given }) => {
    it('has the members in the words of Twilio, and their digests', () => {
      const { sink, configuration } = desiredSink(literal, NO_SECRETS)
      expect(configuration).toEqual(given.configuration)
      expect(sink.configuration).toEqual(fingerprints(configuration))
      expect(sink).toMatchObject({
        sinkType: type,
        description: 'Orders',
        fromSecret: [],
        problem: undefined,
      })
      expect(secretsOf(literal)).toEqual([])
    })

    it('is the same whether the value is literal or from a Secret, so that it may move between them', () => {
      const moved = desiredSink(fromSecret, secrets({ k: value }))
      expect(moved.configuration).toEqual(given.configuration)
      expect(moved.sink.configuration).toEqual(desiredSink(literal, NO_SECRETS).sink.configuration)
      expect(moved.sink).toMatchObject({ fromSecret: [member], problem: undefined })
      expect(secretsOf(fromSecret)).toEqual(['s'])
    })

    it.each([
      ['Secret', NO_SECRETS],
      ['key', secrets({ other: value })],
      ['value', secrets({ k: '' })],
    ])('misses a %s, which may come by itself; the message names Secret and key', (_, given) => {
      const { sink, configuration } = desiredSink(fromSecret, given)
      expect(sink.problem?.kind).toBe('missing')
      expect(sink.problem?.message).toMatch(/\bs\b.*\bk\b/u)
      expect(Object.keys(configuration)).not.toContain(member)
    })

    it.each(malformed)('takes no malformed value (%#), names Secret and key, and quotes nothing', (wrong) => {
      const { sink, configuration } = desiredSink(fromSecret, secrets({ k: wrong }))
      expect(sink.problem?.kind).toBe('malformed')
      expect(sink.problem?.message).toMatch(/\bk\b.*\bs\b/u)
      expect(JSON.stringify([sink, configuration])).not.toContain('canary')
    })

    it('shows no value in what is kept for comparing', () => {
      const { sink } = desiredSink(fromSecret, secrets({ k: value }))
      expect(JSON.stringify(sink)).not.toContain(value)
    })
  },
)

it('asks only for the Secret that the spec names', () => {
  const asked: string[] = []
  desiredSink({ description: 'd', segment: { writeKeySecretRef: REF } }, (name) => {
    asked.push(name)
    return undefined
  })
  expect(asked).toEqual(['s'])
})

it('does not throw for a spec that no API server lets through: nothing is known of its configuration', () => {
  const { sink } = desiredSink({ description: 'd' }, NO_SECRETS)
  expect(sink.configuration).toEqual({})
  expect(secretsOf({ description: 'd', segment: {} })).toEqual([])
})
