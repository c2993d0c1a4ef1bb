import { expect, it } from 'vitest'
import { parseSink } from '../../../../src/api/sink.ts'
import { KubernetesFailure } from '../../../../src/reconciler/ports.ts'
import { isRefusal, whyRefused } from '../../../../src/reconciler/effects/refused-write.ts'
import { createWorld, KEY, sinkObject } from '../world.ts'

const refused = (said: string): KubernetesFailure =>
  new KubernetesFailure('refused', 'PATCH /sinks/orders: 409', { status: 409, isWrite: true, said })

const unwritable = (spec: object) => {
  const parsed = parseSink(sinkObject({ spec: { webhook: undefined, ...spec } }))
  if (!parsed.readable) throw new Error(parsed.problem)
  return { kind: 'Sink', cached: { key: KEY, ...parsed } } as const
}

const ARNS = {
  arn: 'arn:aws:kinesis:us-east-1:111111111111:stream/a',
  roleArn: 'arn:aws:iam::111111111111:role/a',
}

it.each([
  ['an external id', { kinesis: { ...ARNS, externalId: 'hunter22' } }],
  ['a write key', { segment: { writeKey: 'hunter22' } }],
])('quotes the API server, but not %s that a webhook quotes', (_, spec) => {
  const why = whyRefused(unwritable(spec), refused('denied: hunter22 is not allowed'))
  expect(why).toBe('409: denied: [redacted] is not allowed')
})

it('takes an outage for a refusal only when it goes on, and what was read for none', () => {
  const { s } = createWorld()
  const of = unwritable({ segment: { writeKey: 'hunter22' } })
  const outage = new KubernetesFailure('unavailable', 'no answer', { isWrite: true })
  const seen = [1, 2, 3, 4].map(() => {
    const refusal = isRefusal(s, of, outage)
    s.refusals.note(`Sink ${KEY}`, 'outage', 0)
    return refusal
  })
  expect(seen).toEqual([false, false, false, true])
  expect(isRefusal(s, of, refused('no'))).toBe(true)
  expect(isRefusal(s, of, new KubernetesFailure('forbidden', 'GET secrets: 403'))).toBe(false)
})
