import { parseArgs } from 'node:util'
import { z } from 'zod'
import { Account, DEMO_ACCOUNT, type AccountInput } from './accounts.ts'
import { Settings, type SettingsInput } from './settings.ts'

export interface CommandLine {
  readonly port: number
  readonly host: string
  readonly accounts: readonly AccountInput[]
  readonly settings: SettingsInput
  readonly log: boolean
}

export const USAGE = `Usage: npm run simulator -- [flags]
  --port N                    default 8089; 0: any free one
  --host ADDRESS              default 127.0.0.1
  --account AC…:TOKEN         an account; repeatable; without any there is the demo account
  --api-key AC…:SK…:SECRET    an API key of an account; repeatable
  --settings JSON             settings that differ from the defaults
  --log                       print each call as a line of JSON`

/** Reads the flags. Throws an Error whose message is one line. */
export function readCommandLine(args: string[]): CommandLine | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '8089' },
      host: { type: 'string', default: '127.0.0.1' },
      account: { type: 'string', multiple: true, default: [] },
      'api-key': { type: 'string', multiple: true, default: [] },
      settings: { type: 'string', default: '{}' },
      log: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    port: readPort(values.port),
    host: values.host,
    accounts: readAccounts(values.account, values['api-key']),
    settings: readSettings(values.settings),
    log: values.log,
  }
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new Error(`--port ${text} is not a port between 0 and 65535`)
}

function readAccounts(accounts: string[], keys: string[]): AccountInput[] {
  const given = accounts.map((text) => {
    const [sid, authToken] = splitOnce(text)
    return checked('--account', { sid, authToken })
  })
  const withKeys = keys.map((text) => {
    const [sid, rest] = splitOnce(text)
    const [key, secret] = splitOnce(rest)
    return checked('--api-key', { sid, keys: [{ sid: key, secret }] })
  })
  return [...(given.length > 0 ? given : [DEMO_ACCOUNT]), ...withKeys]
}

/** The value may hold a secret, so the message names the flag alone. */
function checked(flag: string, account: AccountInput): AccountInput {
  if (Account.safeParse(account).success) return account
  throw new Error(`${flag} must look like ${flag === '--account' ? 'AC…:TOKEN' : 'AC…:SK…:SECRET'}`)
}

function splitOnce(text: string): [string, string] {
  const colon = text.indexOf(':')
  return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
}

function readSettings(text: string): SettingsInput {
  try {
    return Settings.parse(JSON.parse(text))
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : 'is not JSON'
    throw new Error(`--settings: ${reason}`, { cause: error })
  }
}
