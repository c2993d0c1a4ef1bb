import { OPTIONS, type FlagWithDefault } from '../../options/table.ts'
import * as kinds from '../../options/kinds.ts'
import type { ValueKind } from '../../options/kinds.ts'
import { baseUrlProblem } from '../../twilio/http/base-url.ts'
import { UsageError } from '../../options/reader.ts'
import type { CommandOptions } from '../command-options.ts'

export interface ExportOptions {
  /** Folder that the files go to. */
  readonly output: string
  readonly namespace: string
  readonly accountName: string
  readonly credentialsSecret: string
  readonly valuesSecret: string
  readonly deletionPolicy: 'Delete' | 'Orphan'
  readonly force: boolean
  readonly twilioBaseUrl: string
  /** Milliseconds. */
  readonly callTimeout: number
}

const POLICY: ValueKind<'Delete' | 'Orphan'> = {
  expected: 'Delete or Orphan',
  parse: (text) => (text === 'Delete' || text === 'Orphan' ? { value: text } : undefined),
}

function flag<T>(name: string, kind: ValueKind<T>, value: string, meaning: string): FlagWithDefault<T> {
  return { name, kind, default: value, meaning, onlyOnCommandLine: true }
}

const FLAGS = {
  output: flag('output', kinds.TEXT, 'twilio-sinks', 'folder for the files'),
  namespace: flag('namespace', kinds.NAMESPACE, 'default', 'namespace of the objects'),
  accountName: flag('account-name', kinds.OBJECT_NAME, 'default', 'name of the TwilioAccount'),
  credentialsSecret: flag(
    'credentials-secret',
    kinds.OBJECT_NAME,
    'twilio',
    'name of the Secret with the credentials for the operator; export does not write this Secret',
  ),
  valuesSecret: flag(
    'values-secret',
    kinds.OBJECT_NAME,
    'twilio-sinks',
    'name of the Secret for destinations that may hold a secret, external ids and write keys',
  ),
  deletionPolicy: flag(
    'deletion-policy',
    POLICY,
    'Orphan',
    'deletionPolicy of the Sinks: when an object is deleted, Orphan leaves the sink at Twilio, Delete deletes it',
  ),
  force: flag('force', kinds.BOOLEAN, 'false', 'overwrite existing files'),
  twilioBaseUrl: OPTIONS.twilioBaseUrl,
  callTimeout: OPTIONS.callTimeout,
}

export const EXPORT_OPTIONS: CommandOptions<ExportOptions> = {
  about: [
    'twilio-sink-operator export: writes a Sink object with import.sid for each sink of a Twilio account without an',
    'ownership mark. It changes nothing, neither at Twilio nor in a cluster. Imported sinks get no mark, so a later export',
    'writes them again.',
    '',
    'It reads from the environment TWILIO_ACCOUNT_SID, and either TWILIO_API_KEY with TWILIO_API_SECRET or',
    'TWILIO_AUTH_TOKEN.',
  ],
  flags: Object.values(FLAGS),
  parse: ({ read }) => {
    const twilioBaseUrl = read(FLAGS.twilioBaseUrl)
    const problem = baseUrlProblem(twilioBaseUrl)
    if (problem !== undefined) throw new UsageError(`--${FLAGS.twilioBaseUrl.name} ${problem}`)
    return {
      output: read(FLAGS.output),
      namespace: read(FLAGS.namespace),
      accountName: read(FLAGS.accountName),
      credentialsSecret: read(FLAGS.credentialsSecret),
      valuesSecret: read(FLAGS.valuesSecret),
      deletionPolicy: read(FLAGS.deletionPolicy),
      force: read(FLAGS.force),
      twilioBaseUrl,
      callTimeout: read(FLAGS.callTimeout),
    }
  },
}
