import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedaction } from '../../../src/twilio/redaction.ts'
import { secretsOfConfiguration, secretsOfCredential } from '../../../src/twilio/secrets.ts'

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
