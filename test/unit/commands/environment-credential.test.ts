import { describe, expect, test } from 'vitest'
import {
  environmentCredential,
  neededEnvironmentCredential,
} from '../../../src/commands/environment-credential.ts'

const TWILIO_ACCOUNT_SID = `AC${'0'.repeat(32)}`
const TWILIO_API_KEY = `SK${'0'.repeat(32)}`

describe('the credential of the environment', () => {
  test.each([
    [{ TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN: 't' }, TWILIO_ACCOUNT_SID, 't'],
    [{ TWILIO_ACCOUNT_SID, TWILIO_API_KEY, TWILIO_API_SECRET: 's' }, TWILIO_API_KEY, 's'],
    [
      { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN: 't', TWILIO_API_KEY, TWILIO_API_SECRET: 's' },
      TWILIO_API_KEY,
      's',
    ],
  ])('%j', (environment, username, password) => {
    const expected = { accountSid: TWILIO_ACCOUNT_SID, credential: { username, password } }
    expect(environmentCredential(environment)).toEqual(expected)
  })

  test.each([
    {},
    { TWILIO_AUTH_TOKEN: 'Geheim' },
    { TWILIO_ACCOUNT_SID: 'Geheim', TWILIO_AUTH_TOKEN: 'Geheim' },
    { TWILIO_ACCOUNT_SID },
    { TWILIO_ACCOUNT_SID, TWILIO_API_KEY: 'Geheim', TWILIO_API_SECRET: 'Geheim' },
    { TWILIO_ACCOUNT_SID, TWILIO_API_KEY },
  ])('%j is none, and what is said of it repeats nothing', (environment) => {
    expect(environmentCredential(environment)).toBeUndefined()
    const problem = (): unknown => neededEnvironmentCredential(environment)
    expect(problem).toThrow(/TWILIO_ACCOUNT_SID/u)
    expect(problem).not.toThrow(/Geheim/u)
  })
})
