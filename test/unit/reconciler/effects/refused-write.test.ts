import { expect, it } from 'vitest'
import { parseSink } from '../../../../src/api/sink.ts'
import { apiFailure } from '../../../../src/kubernetes/client/failure.ts'
import { KubernetesFailure } from '../../../../src/reconciler/ports.ts'
import { isRefusal, whyRefused } from '../../../../src/reconciler/effects/refused-write.ts'
import { createWorld, KEY, sinkObject } from '../world.ts'

const refused = (message: string): KubernetesFailure => {
  const failure = apiFailure({ method: 'PATCH', path: '/sinks/orders' }, 409, { message })
  return new KubernetesFailure('refused', failure.message, failure)
}

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

const WRITE_KEY = 'hunter22-hunter23-hunter24-hunter25'

it.each([
  ['the words are cut within it', `${'x'.repeat(375)} ${WRITE_KEY}`],
  ['a webhook has cut it', `writeKey: ${WRITE_KEY.slice(0, 20)}... (20 of 35 characters)`],
  ['a webhook has the case changed', WRITE_KEY.toUpperCase()],
  ['a webhook shows it encoded', Buffer.from(WRITE_KEY).toString('base64')],
])('shows nothing of a secret, also where %s', (_, said) => {
  const why = whyRefused(unwritable({ segment: { writeKey: WRITE_KEY } }), refused(said))
  expect(why).not.toMatch(/hunter|aHVudGVy/iu)
  expect(why.length).toBeLessThanOrEqual(410)
})

it('shows nothing of a URL with a quotation mark in its password', () => {
  const destination = "https://shop:it'shunter22@hooks.example.com/a"
  const why = whyRefused(unwritable({ webhook: { destination } }), refused(`denied: "${destination}"`))
  expect(why).not.toContain('hunter22')
})

it('quotes nothing where the object may have a secret that cannot be read', () => {
  const object = sinkObject({
    spec: { webhook: undefined, segment: { writeKey: 'hunter22', version: 2, writeKeySecretRef: 1 } },
  })
  const parsed = parseSink(object)
  if (parsed.readable) throw new Error('the test needs an unreadable Sink')
  const cached = { key: KEY, uid: 'uid', generation: 1, resourceVersion: '1', ...parsed }
  expect(whyRefused({ kind: 'Sink', cached }, refused('denied: hunter22'))).toBe('PATCH /sinks/orders: 409')
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
