import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SinkSpec } from '../../../src/api/sink.ts'
import { betterClaim, type Claim } from '../../../src/sink/claim.ts'
import { formatAttempt, parseAttempt } from '../../../src/sink/create-attempt.ts'
import { desiredSink } from '../../../src/sink/desired-sink.ts'
import { differenceOf } from '../../../src/sink/difference.ts'
import { fingerprints } from '../../../src/sink/external-sink.ts'
import { markedDescription, ownerOf, readMark } from '../../../src/sink/ownership-mark.ts'
import { external, fresh } from './observations.ts'

describe('the ownership mark', () => {
  it('is the one of the documented vector, so that other programs can compute it', async () => {
    const page = await readFile('docs/ownership-mark.md', 'utf8')
    const rows = [
      ...page.matchAll(/^\| `(?<id>[^`]+)` \| `(?<key>[^`]+)` \| (?<number>\d+) \| `(?<mark>[^`]+)` \|$/gmu),
    ]
    expect(rows.length).toBeGreaterThan(0)
    for (const { groups = {} } of rows) {
      const owner = ownerOf(groups['id'] ?? '', groups['key'] ?? '')
      expect(markedDescription('x', { ...owner, number: Number(groups['number']) })).toBe(
        `x ${groups['mark']}`,
      )
    }
  })

  it('is read back from every text, and only at its very end', () => {
    const part = (length: number) =>
      fc
        .array(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'), {
          minLength: length,
          maxLength: length,
        })
        .map((chars) => chars.join(''))
    const marks = fc.record({
      installation: part(6),
      object: part(12),
      number: fc.integer({ min: 0, max: 999_999_999 }),
    })
    fc.assert(
      fc.property(fc.string(), marks, (text, mark) => {
        const marked = markedDescription(text, mark)
        expect(readMark(`${marked}  `)).toEqual({ text: text.trim(), mark })
        expect(readMark(`${marked} and more`).mark).toBeUndefined()
      }),
    )
  })
})

describe('the journal', () => {
  it('survives whatever people write into the annotation', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseAttempt(text)
      }),
    )
    expect(parseAttempt('{"uid":"u","attempt":0,"accountSid":"AC","key":"AC"}')).toBeUndefined()
  })

  it('reads back what was written', () => {
    const journal = { uid: 'u', attempt: 3, accountSid: 'AC1', key: 'SK1', times: ['2026-11-24T10:00:00Z'] }
    expect(parseAttempt(formatAttempt(journal))).toEqual(journal)
  })
})

describe('the desired sink', () => {
  const webhook = (by: Partial<NonNullable<SinkSpec['webhook']>>): SinkSpec => ({
    description: ' Orders ',
    webhook: { method: 'POST', batchEvents: false, ...by },
  })
  const ref = { name: 's', key: 'k' }

  it('has the members of each type in the words of Twilio', () => {
    const none = () => undefined
    expect(desiredSink(webhook({ destination: 'https://a.example.com' }), none).configuration).toEqual({
      destination: 'https://a.example.com',
      method: 'POST',
      batch_events: false,
    })
    const kinesis = { arn: 'arn:s', roleArn: 'arn:r', externalId: 'id' }
    expect(desiredSink({ description: 'd', kinesis }, none).configuration).toEqual({
      arn: 'arn:s',
      role_arn: 'arn:r',
      external_id: 'id',
    })
    expect(desiredSink({ description: 'd', segment: { writeKey: 'w' } }, none).configuration).toEqual({
      write_key: 'w',
    })
  })

  it('tells a missing Secret, a missing key and a malformed value apart, and quotes no value', () => {
    const secrets = (values?: Record<string, string>) => () =>
      values === undefined ? undefined : new Map(Object.entries(values))
    const problem = (values?: Record<string, string>) =>
      desiredSink(webhook({ destinationSecretRef: ref }), secrets(values)).sink.problem
    expect(problem()?.kind).toBe('missing')
    expect(problem({ other: 'x' })?.kind).toBe('missing')
    expect(problem({ k: 'canary not a url' })?.kind).toBe('malformed')
    expect(problem({ k: 'canary not a url' })?.message).not.toContain('canary')
    expect(problem({ k: 'https://user:pass@a.example.com/' })).toBeUndefined()
  })
})

describe('differences', () => {
  const { desired } = fresh()
  const shown = (by: Record<string, unknown>) =>
    external({
      configuration: fingerprints({
        destination: 'https://a.example.com/',
        method: 'post',
        batch_events: false,
        ...by,
      }),
    })

  it.each([
    ['the case of the method', { method: 'POST' }],
    ['a URL rewritten within WHATWG rules', { destination: 'https://A.example.com:443' }],
    ['a masked value', { destination: 'https://user:*****@a.example.com/' }],
    ['a member that we did not send', { batchEvents: true }],
    ['a member that Twilio does not show', { destination: undefined }],
  ])('does not take %s for one, since a difference stalls the Sink', (_, by) => {
    expect(differenceOf(desired, shown(by), [])).toBeUndefined()
  })

  it('names the member that differs, unless it is known to be rewritten', () => {
    const other = shown({ destination: 'https://b.example.com/' })
    expect(differenceOf(desired, other, [])?.members).toEqual(['destination'])
    expect(differenceOf(desired, other, ['destination'])).toBeUndefined()
    expect(differenceOf(desired, external({ sinkType: 'segment' }), [])?.members).toEqual(['type'])
  })
})

it('gives a sink to whoever recorded it, then to the older object that matches', () => {
  const own: Claim = { key: 'a/own', uid: 'm', created: '2026-01-02', kind: 'wished', matches: true }
  const rival = (by: Partial<Claim>): Claim => ({
    key: 'a/rival',
    uid: 'n',
    created: '2026-01-01',
    kind: 'wished',
    matches: true,
    ...by,
  })
  expect(betterClaim(own, [rival({})])?.key).toBe('a/rival')
  expect(betterClaim(own, [rival({ created: '2026-01-03' })])).toBeUndefined()
  expect(betterClaim(own, [rival({ matches: false })])).toBeUndefined()
  expect(betterClaim({ ...own, kind: 'recorded' }, [rival({})])).toBeUndefined()
  expect(betterClaim(own, [rival({ created: '2026-01-03', kind: 'recorded' })])?.key).toBe('a/rival')
  expect(betterClaim(own, [own])).toBeUndefined()
})
