import { asTwilioWrites } from '../api/identifier.ts'

/** What a credentials Secret holds: the names that everybody already has in their environment. */
export type CredentialReading =
  | { readonly kind: 'credential'; readonly username: string; readonly password: string }
  | { readonly kind: 'invalid'; readonly message: string }

const TOKEN = 'TWILIO_AUTH_TOKEN'
const KEY = 'TWILIO_API_KEY'
const SECRET = 'TWILIO_API_SECRET'
const EXPECTED = `it needs ${KEY} and ${SECRET}, or ${TOKEN}`

/**
 * The likely cause when Twilio refuses it. Until then it is sent as it is: how tokens look is for Twilio to say. An API key
 * is looked at when it is read.
 */
export function refusedToken({
  username,
  password,
}: {
  readonly username: string
  readonly password: string
}): string {
  const isMalformed = username.startsWith('AC') && !/^[0-9a-fA-F]{32}$/u.test(password)
  return isMalformed
    ? ` ${TOKEN} is not what Twilio hands out as an auth token, 32 hexadecimal digits: copy it again from the Twilio Console.`
    : ''
}

/** Several times what Twilio hands out. */
const LONGEST = 256

/** An API key goes before an auth token, since it can be revoked alone. Messages never quote a value. */
export function readCredential(
  accountSid: string,
  secretName: string,
  values: ReadonlyMap<string, string>,
): CredentialReading {
  const [token, key, secret] = [TOKEN, KEY, SECRET].map((name) => values.get(name)?.trim() ?? '')
  const invalid = (what: string): CredentialReading => ({
    kind: 'invalid',
    message: `Secret ${secretName} ${what}`,
  })
  const long = [TOKEN, KEY, SECRET].find((name) => (values.get(name)?.trim().length ?? 0) > LONGEST)
  if (long !== undefined)
    return invalid(
      `has more than ${LONGEST} characters under ${long}: put what Twilio shows there, and nothing else`,
    )
  if (key !== undefined && key !== '' && secret !== undefined && secret !== '') {
    if (!/^SK[0-9a-fA-F]{32}$/u.test(key))
      return invalid(`has a ${KEY} that is not the SID of an API key (SK and 32 hexadecimal digits)`)
    return { kind: 'credential', username: asTwilioWrites(key), password: secret }
  }
  if (key !== '' || secret !== '') return invalid(`has only one of ${KEY} and ${SECRET}: ${EXPECTED}`)
  if (token === undefined || token === '') return invalid(`has none of the expected keys: ${EXPECTED}`)
  return { kind: 'credential', username: accountSid, password: token }
}
