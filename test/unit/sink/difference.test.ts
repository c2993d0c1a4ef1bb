import { describe, expect, it } from 'vitest'
import type { DesiredSink } from '../../../src/sink/desired-sink.ts'
import { differenceOf, rewrittenMembers } from '../../../src/sink/difference.ts'
import { fingerprints } from '../../../src/external/external-sink.ts'
import { observedSink, fresh } from './observations.ts'

const SENT = { destination: 'https://a.example.com/', method: 'POST', batch_events: false }
const desired: DesiredSink = { ...fresh().desired, configuration: fingerprints(SENT) }
const shown = (by: Record<string, unknown>) =>
  observedSink({ configuration: fingerprints({ ...SENT, method: 'post', ...by }) })

describe('what Twilio shows otherwise than it was sent', () => {
  it.each([
    ['the case of the method', { method: 'POST' }],
    ['the host in capitals and the default port', { destination: 'https://A.Example.COM:443' }],
    ['an empty path', { destination: 'https://a.example.com' }],
    ['a masked value', { destination: 'https://user:*****@a.example.com/' }],
    ['a masked value in percent encoding', { destination: 'https://user:%2A%2A%2A%2a@b.example.com/' }],
    ['a value masked by dots', { destination: '••••' }],
    ['a value masked by letters', { destination: 'XXXXXXXX' }],
    ['a member that we did not send', { batchEvents: true, max_batch_size: 10 }],
    ['a member that Twilio does not show', { destination: undefined }],
    ['a member that is null', { destination: null }],
    ['a boolean as a text', { batch_events: 'false' }],
  ])('is no difference: %s, since a difference stalls the Sink', (_, by) => {
    expect(differenceOf(desired, shown(by), [])).toBeUndefined()
  })

  it.each([
    ['another host', 'destination', { destination: 'https://b.example.com/' }],
    ['another path', 'destination', { destination: 'https://a.example.com/x' }],
    ['a path in capitals', 'destination', { destination: 'https://a.example.com/X' }],
    ['another port', 'destination', { destination: 'https://a.example.com:444/' }],
    ['no URL at all', 'destination', { destination: 'nowhere' }],
    ['another method', 'method', { method: 'get' }],
    ['another boolean', 'batch_events', { batch_events: true }],
  ])('is a difference: %s, which names its member and no value', (_, member, by) => {
    expect(differenceOf(desired, shown(by), [])).toEqual({ members: [member], fromSecret: false })
  })
})

it.each(['external_id', 'write_key', 'arn'])(
  'a %s that looks like a URL is compared as it is written',
  (member) => {
    const digests = ['HTTPS://A.example.com', 'https://a.example.com/'].map((value) =>
      fingerprints({ [member]: value }),
    )
    expect(digests[0]).not.toEqual(digests[1])
  },
)

it('does not compare what Twilio is known to rewrite, and still compares the rest', () => {
  const other = shown({ destination: 'https://b.example.com/', method: 'get' })
  expect(differenceOf(desired, other, ['destination'])?.members).toEqual(['method'])
  expect(differenceOf(desired, other, ['destination', 'method'])).toBeUndefined()
})

it('does not compare what is not known, since a Secret that is missing is no change', () => {
  const { batch_events: known = null } = desired.configuration
  const partly = { ...desired, configuration: { batch_events: known } }
  expect(differenceOf(partly, shown({ destination: 'https://b.example.com/' }), [])).toBeUndefined()
})

it('compares nothing else where the type differs, known or not', () => {
  const other = observedSink({ sinkType: 'carrier-pigeon', configuration: {} })
  expect(differenceOf(desired, other, ['type'])).toEqual({ members: ['type'], fromSecret: false })
})

it('says whether a value from a Secret is among those that differ, since nobody sees that in the spec', () => {
  const secret = { ...desired, fromSecret: ['destination'] }
  expect(differenceOf(secret, shown({ destination: 'https://b.example.com/' }), [])?.fromSecret).toBe(true)
  expect(differenceOf(secret, shown({ method: 'get' }), [])?.fromSecret).toBe(false)
})

it('names the members that the answer to a create shows otherwise, masked and missing ones too', () => {
  expect(rewrittenMembers(desired, shown({}))).toEqual([])
  expect(rewrittenMembers(desired, shown({ method: 'get', destination: '*****' }))).toEqual([
    'destination',
    'method',
  ])
  expect(rewrittenMembers(desired, observedSink({ configuration: {} }))).toEqual([
    'batch_events',
    'destination',
    'method',
  ])
})
