import { readCredential } from '../account/credential.ts'
import { asTwilioWrites } from '../api/identifier.ts'
import type { Credential } from '../reconciler/ports.ts'
import { CommandError } from './command-options.ts'

type Environment = Readonly<Record<string, string | undefined>>

const NEEDED =
  'the environment must hold TWILIO_ACCOUNT_SID (AC and 32 hexadecimal digits), and TWILIO_API_KEY (SK…) with ' +
  'TWILIO_API_SECRET, or TWILIO_AUTH_TOKEN'

export interface AccountCredential {
  readonly accountSid: string
  readonly credential: Credential
}

/** The account and the credential that everybody has in these variables; undefined when they are not all there. */
export function environmentCredential(environment: Environment): AccountCredential | undefined {
  const accountSid = asTwilioWrites(environment['TWILIO_ACCOUNT_SID']?.trim() ?? '')
  if (!/^AC[0-9a-fA-F]{32}$/u.test(accountSid)) return undefined
  const values = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  const read = readCredential(accountSid, 'of the environment', new Map(values))
  if (read.kind === 'invalid') return undefined
  return { accountSid, credential: { username: read.username, password: read.password } }
}

/** The same; throws {@link CommandError} when they are not all there. Never quotes a value. */
export function neededEnvironmentCredential(environment: Environment): AccountCredential {
  const found = environmentCredential(environment)
  if (found === undefined) throw new CommandError(NEEDED)
  return found
}
