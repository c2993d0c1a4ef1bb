import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { FailureKind } from '../../../src/external/failure.ts'
import { classifyFailure, ERROR_CODES } from '../../../src/twilio/failures.ts'
import { readErrorBody } from '../../../src/twilio/error-body.ts'

const statuses = Array.from({ length: 500 }, (_one, index) => index + 100)
const codes = [...ERROR_CODES.keys()]
const body = (code: number | undefined) => ({ code, message: 'x' })

describe('classification, over every status and every code', () => {
  it('never proves anything by a status below 400, which is no error of Twilio', () => {
    const kinds = statuses
      .filter((status) => status < 400)
      .flatMap((status) => [undefined, ...codes.map(body)].map((one) => classifyFailure(status, one)))
    expect(new Set(kinds)).toEqual(new Set(['transient']))
  })

  it('says not-found only for status 404 with code 20404 or 91001, since a sink is believed gone by it', () => {
    const found = statuses.flatMap((status) =>
      [undefined, 12345, ...codes]
        .filter((code) => classifyFailure(status, body(code)) === 'not-found')
        .map((code) => `${status}/${code}`),
    )
    expect(found).toEqual(['404/20404', '404/91001'])
    expect(statuses.filter((status) => classifyFailure(status, undefined) === 'not-found')).toEqual([])
  })

  it('follows the code whatever the error status, since Twilio does not document statuses', () => {
    for (const [code, { kind }] of ERROR_CODES) {
      if (kind === 'not-found') continue
      const kinds = statuses
        .filter((status) => status >= 400)
        .map((status) => classifyFailure(status, body(code)))
      expect(new Set(kinds), String(code)).toEqual(new Set([kind]))
    }
  })

  it('takes from an answer without a body of Twilio only 401, 403 and 429', () => {
    const known = statuses.map((status) => [status, classifyFailure(status, undefined)] as const)
    expect(known.filter(([, kind]) => kind !== 'transient')).toEqual([
      [401, 'unauthorized'],
      [403, 'forbidden'],
      [429, 'rate-limited'],
    ])
  })

  it('goes by the status when Twilio gives no code, or one that is not known', () => {
    const expected: [number, FailureKind][] = [
      [400, 'refused'],
      [401, 'unauthorized'],
      [403, 'forbidden'],
      [404, 'transient'],
      [408, 'transient'],
      [409, 'conflict'],
      [422, 'refused'],
      [429, 'rate-limited'],
      [500, 'transient'],
      [503, 'transient'],
    ]
    for (const code of [undefined, 99999]) {
      expect(expected.map(([status]) => [status, classifyFailure(status, body(code))])).toEqual(expected)
    }
  })
})

describe('the codes that decide most', () => {
  it.each<[number, FailureKind]>([
    [20003, 'unauthorized'],
    [20403, 'forbidden'],
    [70051, 'forbidden'],
    [20429, 'rate-limited'],
    [91000, 'refused'],
    [91003, 'quota'],
    [91007, 'in-use'],
    [20409, 'conflict'],
    [20500, 'transient'],
  ])('%i means %s', (code, kind) => {
    expect(ERROR_CODES.get(code)?.kind).toBe(kind)
  })
})

describe('an error body', () => {
  const kindOf = (status: number, text: string) => classifyFailure(status, readErrorBody(status, text))
  it.each<[string, number, string, FailureKind]>([
    ['classic', 400, '{"code":91007,"message":"in use","more_info":"x","status":400}', 'in-use'],
    ['RFC 9457', 400, '{"type":"about:blank","title":"t","status":400,"code":91003,"detail":"d"}', 'quota'],
    [
      'API standards v1.0',
      400,
      '{"code":91000,"message":"m","httpStatusCode":400,"userError":true}',
      'refused',
    ],
    ['code as text', 404, '{"code":"20404","message":"m","status":404}', 'not-found'],
    [
      'no code, but its status',
      400,
      '{"message":"Missing required parameter TestId","status":400}',
      'refused',
    ],
    ['words of somebody else', 400, '{"message":"Bad Request"}', 'transient'],
    ['somebody else’s 404', 404, '{"message":"no Route matched"}', 'transient'],
    ['another status inside', 400, '{"message":"x","status":502}', 'transient'],
    ['code in a strange form', 404, '{"code":{"a":20404},"message":"m"}', 'transient'],
    ['code as float', 404, '{"code":20404.5}', 'transient'],
    ['an array', 404, '[{"code":20404}]', 'transient'],
    ['a string', 404, '"20404"', 'transient'],
    ['a number', 404, '20404', 'transient'],
    ['null', 404, 'null', 'transient'],
    ['half JSON', 404, '{"code":20404,"mess', 'transient'],
    ['HTML', 404, '<html>20404</html>', 'transient'],
    ['nothing', 404, '', 'transient'],
  ])('%s', (_name, status, text, kind) => {
    expect(kindOf(status, text)).toBe(kind)
  })

  it('with a code that is too long to be one has none, so that no number of a secret is shown as code', () => {
    for (const code of [123_456_789, '123456789', -1])
      expect(readErrorBody(400, JSON.stringify({ code, message: 'm', status: 400 }))?.code).toBeUndefined()
  })
})

describe('docs/errors.md', () => {
  const rows = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    )
  const consequences = new Map(
    rows.filter(([kind]) => kind?.startsWith('`')).map((row) => [row[0]?.replaceAll('`', ''), row[2]]),
  )

  it('shows the table that the operator decides by', () => {
    const shown = rows.filter(([code]) => /^\d{5}$/u.test(code ?? ''))
    const expected = [...ERROR_CODES].map(([code, { meaning, kind }]) => [
      String(code),
      meaning,
      kind,
      consequences.get(kind),
    ])
    expect(shown).toEqual(expected)
  })

  it('explains every kind of failure', () => {
    const kinds = new Set<string>([...ERROR_CODES.values()].map(({ kind }) => kind)).add('not-sent')
    expect(new Set(consequences.keys())).toEqual(kinds)
  })
})
