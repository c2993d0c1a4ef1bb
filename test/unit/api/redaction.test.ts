import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withoutUrls } from '../../../src/api/shown-text.ts'
import { createRedaction } from '../../../src/api/redaction.ts'
import { secretsOfConfiguration, secretsOfCredential } from '../../../src/twilio/secrets.ts'
import { processorMs } from '../processor-time.ts'

const PLAIN = '[redacted]'
/** A secret that is part of the replacement itself would be seen in it. */
const secretText = fc
  .string({ minLength: 4, maxLength: 40, unit: 'binary' })
  .filter((text) => text.trim().length >= 4 && !PLAIN.includes(text.toLowerCase().trim()))

describe('redaction', () => {
  it('leaves no secret in any text, in whatever form it comes back', () => {
    const forms: ((secret: string) => string)[] = [
      (secret) => secret,
      encodeURIComponent,
      (secret) => new URLSearchParams({ a: secret }).toString().slice(2),
      (secret) => JSON.stringify(secret).slice(1, -1),
      (secret) => Buffer.from(secret).toString('base64'),
      (secret) => Buffer.from(secret).toString('base64url'),
    ]
    fc.assert(
      fc.property(
        secretText,
        fc.string(),
        fc.string(),
        fc.constantFrom(...forms),
        (secret, before, after, form) => {
          const shown = form(secret)
          fc.pre(!PLAIN.includes(shown.toLowerCase()))
          const output = createRedaction([secret])(`${before}${shown}${after}`)
          return !output.includes(shown) && output.includes(PLAIN)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('does so for several secrets that overlap or contain each other', () => {
    fc.assert(
      fc.property(fc.array(secretText, { minLength: 1, maxLength: 5 }), fc.string(), (secrets, between) => {
        const output = createRedaction(secrets)(secrets.join(between))
        return secrets.every((secret) => !output.includes(secret))
      }),
      { numRuns: 300 },
    )
  })

  it('finds a secret in other case, over line breaks and as part of a word', () => {
    const redact = createRedaction(['Canary-Value', 'two\nlines'])
    expect(redact('xcanary-valuey')).not.toMatch(/canary/iu)
    expect(redact('so two lines and two\nlines')).not.toMatch(/two/u)
  })

  it('replaces short secrets where they stand alone, and keeps other words readable', () => {
    const redact = createRedaction(['a', ''])
    expect(redact('an "a" is bad')).toBe('an "[redacted]" is bad')
  })

  it('drops every URL but links to Twilio, since Twilio may have rewritten the one it was sent', () => {
    const redact = createRedaction([])
    expect(redact('see https://www.twilio.com/docs/errors/91000 for https://Warehouse.example/x?y=z')).toBe(
      'see https://www.twilio.com/docs/errors/91000 for [redacted]',
    )
    expect(redact('https%3A%2F%2Fwarehouse.example%2Fx')).toBe(PLAIN)
    expect(redact('https://www.twilio.com/?secret')).toBe(PLAIN)
  })

  it('makes one line of visible text', () => {
    expect(createRedaction([])('a\r\nb\u0000\u202ec\u2028d')).toBe('a b c d')
  })
})

const LENGTHS = [1, 2, 3, 4, 7, 8, 9, 100, 8_191, 8_193, 25_000]
/** A pattern made of the secret throws from about 25,000 characters on. */
const HUGE = [100_000, 1_000_000]

const FORMS: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => secret.toUpperCase(),
  (secret) => encodeURIComponent(secret.toWellFormed()),
  (secret) => encodeURI(secret.toWellFormed()),
  (secret) => JSON.stringify({ a: secret }),
  (secret) => new URLSearchParams({ a: secret.toWellFormed() }).toString(),
  (secret) => Buffer.from(secret).toString('base64'),
  (secret) => Buffer.from(`x:${secret}`).toString('base64'),
  (secret) => Buffer.from(secret).toString('hex'),
  (secret) => `https://host.example/${encodeURIComponent(secret.toWellFormed())}?a=b`,
]

/** Random characters, or one of them over and over, which is where a search goes wrong. */
const anySecret = fc
  .tuple(fc.constantFrom(...LENGTHS), fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }))
  .map(([length, some]) => some.repeat(Math.ceil(length / some.length)).slice(0, length))

describe('hostile texts', () => {
  const redacted = (secret: string, text: string): string => createRedaction([secret, 'another-secret'])(text)

  it('are redacted without an error, whatever the secret and however it comes back', () => {
    fc.assert(
      fc.property(
        anySecret,
        fc.string(),
        fc.string(),
        fc.constantFrom(...FORMS),
        (secret, before, after, form) => {
          expect(redacted(secret, `${before}${form(secret)}${after}`)).toBeTypeOf('string')
        },
      ),
      { numRuns: 150 },
    )
  })

  it.each(HUGE)('are redacted in a time that grows with the secret alone: %d characters', (length) => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }),
        fc.constantFrom(...FORMS),
        (some, form) => {
          const secret = some.repeat(Math.ceil(length / some.length)).slice(0, length)
          const text = `Cannot use ${form(secret)}`
          const began = processorMs()
          redacted(secret, text)
          // A hundredth of a millisecond for each character, which is ten times what it takes.
          expect(processorMs() - began).toBeLessThan(500 + length / 100)
        },
      ),
      { numRuns: 2 },
    )
  })

  /** Eight of these in a row are found nowhere else. */
  const ALPHABET = 'QWXZJKVB7392'
  const longSecret = fc
    .tuple(
      fc.constantFrom(...LENGTHS.filter((length) => length >= 8)),
      fc.array(fc.constantFrom(...ALPHABET), { minLength: 500, maxLength: 500 }),
    )
    .map(([length, start]) =>
      start
        .join('')
        .repeat(Math.ceil(length / start.length))
        .slice(0, length),
    )

  it('keep nothing of a secret that is as long as eight characters, wherever it was cut off', () => {
    fc.assert(
      fc.property(
        longSecret,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('', 'a'.repeat(8_180), ' '.repeat(200_000), 'b '.repeat(5_000)),
        (secret, one, other, before) => {
          const [from, to] = [Math.min(one, other), Math.max(one, other)].map((part) =>
            Math.round(part * secret.length),
          )
          const quoted = secret.slice(from, to)
          const output = createRedaction([secret])(`${before}Cannot use ${quoted}`)
          return !new RegExp(`[${ALPHABET}]{8}`, 'u').test(output)
        },
      ),
      { numRuns: 60 },
    )
  })

  it.each([
    ['blanks', ' '],
    ['letters, which could all begin a URL', 'a'],
    ['schemes', 'a://'],
    ['encoded schemes', '%3a%2f%2f'],
    ['digits and schemes', '1://'],
    ['control characters', '\u0000'],
    ['characters of two units', '\u{1F600}'],
    ['halves of such', '\uD83D'],
  ])('of %s take no time', (_name, unit) => {
    const text = unit.repeat(Math.ceil(1_000_000 / unit.length))
    const began = processorMs()
    createRedaction(['some-secret'])(text)
    withoutUrls(text)
    expect(processorMs() - began).toBeLessThan(2_000)
  })
})

describe('secrets', () => {
  it('of a configuration are all its texts but the method, and the parts of a URL', () => {
    const secrets = secretsOfConfiguration({
      destination: 'https://user:p%40ss@host.example/path-with-token/abc?key=value-1&x=value-2#part',
      method: 'POST',
      batch_events: true,
      nested: { list: ['deep'] },
    })
    for (const part of [
      'user',
      'p%40ss',
      'p@ss',
      'path-with-token/abc',
      'value-1',
      'value-2',
      'part',
      'deep',
    ]) {
      expect(secrets).toContain(part)
    }
    expect(secrets).not.toContain('POST')
  })

  it.each([{ write_key: 'canary' }, { arn: 'canary', role_arn: 'canary', external_id: 'canary' }])(
    'of %j',
    (one) => {
      expect(new Set(secretsOfConfiguration(one))).toEqual(new Set(['canary']))
    },
  )

  it('of a credential are the password and the header that holds it', () => {
    const secrets = secretsOfCredential({ username: 'SK1', password: 'canary' })
    expect(secrets).toContain('canary')
    expect(secrets).toContain(Buffer.from('SK1:canary').toString('base64'))
    expect(secrets).not.toContain('SK1')
  })
})
