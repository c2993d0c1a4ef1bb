import { expect, it } from 'vitest'
import { readCredential, refusedToken } from '../../../src/account/credential.ts'

const KEY = `SK${'1'.repeat(32)}`
const read = (values: Record<string, string>) =>
  readCredential('AC1', 'twilio', new Map(Object.entries(values)))

it.each<[what: string, values: Record<string, string>, username: string, password: string]>([
  ['the auth token of the account', { TWILIO_AUTH_TOKEN: 't' }, 'AC1', 't'],
  ['an API key with its secret', { TWILIO_API_KEY: KEY, TWILIO_API_SECRET: 's' }, KEY, 's'],
  [
    'the API key where both are there, since it can be revoked alone',
    { TWILIO_AUTH_TOKEN: 't', TWILIO_API_KEY: KEY, TWILIO_API_SECRET: 's' },
    KEY,
    's',
  ],
  ['a value with a line end, as an editor leaves it', { TWILIO_AUTH_TOKEN: ' t\n' }, 'AC1', 't'],
  [
    'a key in either case of its digits',
    { TWILIO_API_KEY: `SK${'aB'.repeat(16)}`, TWILIO_API_SECRET: 's' },
    `SK${'ab'.repeat(16)}`,
    's',
  ],
  [
    'the auth token beside an empty key, as a template leaves it',
    { TWILIO_AUTH_TOKEN: 't', TWILIO_API_KEY: '', TWILIO_API_SECRET: ' ' },
    'AC1',
    't',
  ],
])('is read from %s', (_, values, username, password) => {
  expect(read(values)).toEqual({ kind: 'credential', username, password })
})

it.each<[what: string, values: Record<string, string>]>([
  ['an empty Secret', {}],
  ['other keys', { username: 'canary', password: 'canary' }],
  ['a key without secret', { TWILIO_API_KEY: KEY }],
  ['a secret without key', { TWILIO_API_SECRET: 'canary' }],
  ['half a key although a token is there', { TWILIO_AUTH_TOKEN: 'canary', TWILIO_API_KEY: KEY }],
  [
    'a secret without key although a token is there',
    { TWILIO_AUTH_TOKEN: 'canary', TWILIO_API_SECRET: 'canary' },
  ],
  ['an empty token', { TWILIO_AUTH_TOKEN: ' ' }],
  ['a key that is none', { TWILIO_API_KEY: 'canary', TWILIO_API_SECRET: 'canary' }],
  ['a key that is too long', { TWILIO_API_KEY: `${KEY}1`, TWILIO_API_SECRET: 'canary' }],
  ['a token of 100 kB', { TWILIO_AUTH_TOKEN: 'canary'.repeat(17_000) }],
  ['an API secret of 1 MB', { TWILIO_API_KEY: KEY, TWILIO_API_SECRET: 'canary'.repeat(170_000) }],
  ['an account SID as key', { TWILIO_API_KEY: `AC${'1'.repeat(32)}`, TWILIO_API_SECRET: 'canary' }],
])('is not read from %s; the message names the Secret and what it needs, and no value', (_, values) => {
  const reading = read(values)
  expect(reading.kind).toBe('invalid')
  const message = reading.kind === 'invalid' ? reading.message : ''
  expect(message).toMatch(/\btwilio\b.*\bTWILIO_/u)
  expect(message).not.toContain('canary')
  expect(message).not.toContain(KEY)
})

it('says of a refused auth token that it looks like none, and of one that may be right nothing', () => {
  for (const password of ['canary', `${'0'.repeat(31)}g`, 'c'.repeat(33), 'https://canary.example.com']) {
    const told = refusedToken({ username: `AC${'1'.repeat(32)}`, password })
    expect(told).toMatch(/TWILIO_AUTH_TOKEN.*32 hexadecimal digits/u)
    expect(told).not.toContain(password)
  }
  expect(refusedToken({ username: `AC${'1'.repeat(32)}`, password: 'aB3'.repeat(10) + '00' })).toBe('')
  expect(refusedToken({ username: KEY, password: 'canary' })).toBe('')
})
