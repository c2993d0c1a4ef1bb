import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { errorFacts, OWN_ERRORS, unexpectedErrorLine } from '../../../src/observability/error-facts.ts'
import { createLogger, type Logger } from '../../../src/observability/logger.ts'

const ROOT = new URL('../../../', import.meta.url)
/** They are turned into another one, or a word, before anybody logs them. */
const NEVER_LOGGED = ['ConnectFailed', 'DeadlinePassed', 'MalformedLine', 'NotExpressible']

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
    })
    expect(text).not.toContain(SECRET)
  })

  test('as the only argument are treated the same', () => {
    const { text } = written((log) => log.error(new TwilioFailure('refused')))
    expect(text).toContain('forbidden')
    expect(text).not.toContain(SECRET)
  })

  /** As `JSON.parse`, `new URL` and `new RegExp` throw them, with what they could not read. */
  const foreign = (): readonly unknown[] => {
    const thrown = (work: () => unknown): unknown => {
      try {
        return work()
      } catch (error) {
        return error
      }
    }
    const forged = new TypeError(`${SECRET}\n    at canary (file:///src/${SECRET}.ts:1:1)`)
    return [
      thrown(() => JSON.parse(`{"token": ${SECRET}`)),
      thrown(() => new URL(`//${SECRET}`)),
      thrown(() => new RegExp(`(${SECRET}`, 'u')),
      forged,
      Object.assign(new Error(SECRET), {
        name: SECRET.repeat(9),
        code: `${SECRET} code`,
        kind: SECRET.repeat(9),
        stack: SECRET,
      }),
      new AggregateError([new Error(SECRET)], SECRET, { cause: SECRET }),
      SECRET,
      { toString: () => SECRET },
    ]
  }
  test('that are not ours show their name, their code and where they came from, and no text', () => {
    for (const error of foreign()) {
      const { text, lines } = written((log) => {
        for (const field of ['err', 'error', 'cause']) log.error({ [field]: error }, 'Failed')
        log.error({ err: error })
        if (error instanceof Error) log.error(error)
      }, 'trace')
      expect(lines.length).toBeGreaterThan(3)
      expect(text).not.toContain(SECRET)
      expect(unexpectedErrorLine(error)).not.toContain(SECRET)
    }
    const [line] = written((log) => log.error({ err: new RangeError('x') }, 'Failed')).lines
    expect(line?.['err']).toMatchObject({ name: 'RangeError' })
    const error = new RangeError('two\nlines')
    error.stack = `RangeError: two\nlines\n    at work (file:///app/src/sink/a.ts:12:34)\n    at node:internal/x:1:2`
    expect(errorFacts(error).where).toEqual(['src/sink/a.ts:12:34'])
  })

  test('of our own are on the list, so that what is made for people is shown', () => {
    const sources = globSync('src/**/*.ts', { cwd: ROOT }).map((path) =>
      readFileSync(new URL(path, ROOT), 'utf8'),
    )
    const classes = sources.flatMap((text) =>
      [...text.matchAll(/class (\w+) extends \w*Error\b/gu)].map(([, name]) => name),
    )
    expect(classes.filter((name) => !NEVER_LOGGED.includes(name ?? '')).sort()).toEqual(
      [...OWN_ERRORS].sort(),
    )
    expect(NEVER_LOGGED.filter((name) => !classes.includes(name))).toEqual([])
  })

  test('whose code is an object do not show it', () => {
    const { text } = written((log) =>
      log.error({ err: Object.assign(new Error('x'), { code: { SECRET } }) }, 'x'),
    )
    expect(text).not.toContain(SECRET)
  })

  test('that are no errors show nothing', () => {
    const { text } = written((log) => {
      log.error({ err: { anything: SECRET } }, 'x')
      log.error({ err: SECRET }, 'x')
      log.error({ err: undefined }, 'x')
    })
    expect(text).not.toContain(SECRET)
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
