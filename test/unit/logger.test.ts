import { describe, expect, test } from 'vitest'
import { createLogger, type Logger } from '../../src/logger.ts'

type Line = Record<string, unknown>

function written(use: (log: Logger) => void, level = 'info'): { lines: Line[]; text: string } {
  let text = ''
  use(createLogger({ level, destination: { write: (chunk) => void (text += chunk) } }))
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
  return { lines, text }
}

/** A value that must not be found in any output. */
const SECRET = 'geheim-4711'

class TwilioFailure extends Error {
  override readonly name = 'TwilioFailure'
  readonly code = 20403
  readonly kind = 'forbidden'
  readonly status = 403
  readonly request = { headers: { authorization: SECRET } }
  readonly password = SECRET
}

describe('a line', () => {
  test('is JSON with level as a word, ISO time, message and fields, and nothing about the process', () => {
    const { lines } = written((log) => log.warn({ sink: 'a/b' }, 'Something'))
    expect(lines).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u) as string,
        sink: 'a/b',
        msg: 'Something',
      },
    ])
  })

  test('below the level is not written', () => {
    const { lines } = written((log) => {
      log.info('no')
      log.error('yes')
    }, 'warn')
    expect(lines.map(({ msg }) => msg)).toEqual(['yes'])
  })
})

describe('errors', () => {
  test.each(['err', 'error', 'cause'])('under `%s` show only what is on the list', (field) => {
    const { lines, text } = written((log) => log.error({ [field]: new TwilioFailure('refused') }, 'Failed'))
    expect(lines[0]?.[field]).toEqual({
      name: 'TwilioFailure',
      message: 'refused',
      code: 20403,
      kind: 'forbidden',
      status: 403,
      stack: expect.stringContaining('logger.test.ts') as string,
    })
    expect(text).not.toContain(SECRET)
  })

  test('as the only argument are treated the same', () => {
    const { text } = written((log) => log.error(new TwilioFailure('refused')))
    expect(text).toContain('forbidden')
    expect(text).not.toContain(SECRET)
  })

  test('whose code is an object do not show it', () => {
    const { text } = written((log) =>
      log.error({ err: Object.assign(new Error('x'), { code: { SECRET } }) }, 'x'),
    )
    expect(text).not.toContain(SECRET)
  })

  test('that are no errors show nothing but a text', () => {
    const { lines, text } = written((log) => {
      log.error({ err: { anything: SECRET } }, 'x')
      log.error({ err: 'a text' }, 'x')
      log.error({ err: undefined }, 'x')
    })
    expect(text).not.toContain(SECRET)
    expect(lines[1]?.['err']).toBe('a text')
  })
})

describe('redaction', () => {
  const NAMES = [
    'password',
    'token',
    'secret',
    'authorization',
    'configuration',
    'destination',
    'write_key',
    'external_id',
  ]

  test.each(NAMES)('hides `%s` at the top and one level below, also in children', (name) => {
    const { text } = written((log) => {
      log.info({ [name]: SECRET }, 'x')
      log.info({ nested: { [name]: { value: SECRET } } }, 'x')
      log.child({ [name]: SECRET }).info('x')
    })
    expect(text).not.toContain(SECRET)
    expect(text.split('\n').filter((line) => line.includes('[redacted]'))).toHaveLength(3)
  })
})
