import { z } from 'zod'
import { flag } from '../../options/flag.ts'
import * as kinds from '../../options/kinds.ts'
import { OPERATOR_OPTIONS } from '../../options/options.ts'
import type { CommandOptions } from '../../options/read-options.ts'

const HERE = { onlyOnCommandLine: true }
const { twilioBaseUrl, callTimeout } = OPERATOR_OPTIONS.schema.shape

const FLAGS = z.object({
  output: flag(kinds.TEXT, 'twilio-sinks', 'folder for the files', HERE),
  namespace: flag(kinds.NAMESPACE, 'default', 'namespace of the objects', HERE),
  accountName: flag(kinds.OBJECT_NAME, 'default', 'name of the TwilioAccount', HERE),
  credentialsSecret: flag(
    kinds.OBJECT_NAME,
    'twilio',
    'name of the Secret with the credentials for the operator; export does not write this Secret',
    HERE,
  ),
  valuesSecret: flag(
    kinds.OBJECT_NAME,
    'twilio-sinks',
    'name of the Secret for destinations that may hold a secret, external ids and write keys',
    HERE,
  ),
  deletionPolicy: flag(
    kinds.DELETION_POLICY,
    'Orphan',
    'deletionPolicy of the Sinks: when an object is deleted, Orphan leaves the sink at Twilio, Delete deletes it',
    HERE,
  ),
  force: flag(kinds.BOOLEAN, 'false', 'overwrite existing files', HERE),
  twilioBaseUrl,
  callTimeout,
})
export type ExportOptions = z.infer<typeof FLAGS>

export const EXPORT_OPTIONS: CommandOptions<typeof FLAGS> = {
  about: [
    'twilio-sink-operator export: writes a Sink object with import.sid for each sink of a Twilio account without an',
    'ownership mark. It changes nothing, neither at Twilio nor in a cluster. Imported sinks get no mark, so a later export',
    'writes them again.',
    '',
    'It reads from the environment TWILIO_ACCOUNT_SID, and either TWILIO_API_KEY with TWILIO_API_SECRET or',
    'TWILIO_AUTH_TOKEN.',
  ],
  schema: FLAGS,
}
