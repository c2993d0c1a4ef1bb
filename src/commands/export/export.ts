import * as kinds from '../../options/kinds.ts'
import { systemClock } from '../../time/clock.ts'
import { environmentProxy } from '../../network/environment-proxy.ts'
import { importedSinks } from './imported-sinks.ts'
import { AT_TIMES, exportFiles, type ExportFile } from './objects/export-files.ts'
import { exportedAccount, type ExportedAccount, type ExportSettings } from './objects/exported-account.ts'
import type { ClearSink } from '../../external/external-sink.ts'
import { TwilioFailure } from '../../external/failure.ts'
import { ClearSinksReader } from '../../twilio/clear-sinks.ts'
import { VERSION } from '../../version.ts'
import { CommandError, runWith } from '../command-options.ts'
import { neededEnvironmentCredential, type AccountCredential } from '../environment-credential.ts'
import { writeFiles, type WrittenFiles } from './write-files.ts'
import { z } from 'zod'
import { flag } from '../../options/flag.ts'
import { OPERATOR_OPTIONS } from '../../options/options.ts'
import type { CommandOptions } from '../../options/read-options.ts'

const HERE = { onlyOnCommandLine: true }
const { kubeconfig, twilioBaseUrl, callTimeout } = OPERATOR_OPTIONS.schema.shape

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
  skipImported: flag(
    kinds.BOOLEAN,
    'false',
    'leave out the sinks that a Sink in the cluster imports already; lists the Sinks of all namespaces',
    HERE,
  ),
  kubeconfig,
  twilioBaseUrl,
  callTimeout,
})
export type ExportOptions = z.infer<typeof FLAGS>

export const EXPORT_OPTIONS: CommandOptions<typeof FLAGS> = {
  about: [
    'twilio-sink-operator export: writes a Sink object with import.sid for each sink of a Twilio account without an',
    'ownership mark. It changes nothing, neither at Twilio nor in a cluster. Imported sinks get no mark, so a later export',
    'writes them again, unless it may ask the cluster: --skip-imported.',
    '',
    'It reads from the environment TWILIO_ACCOUNT_SID, and either TWILIO_API_KEY with TWILIO_API_SECRET or',
    'TWILIO_AUTH_TOKEN.',
  ],
  schema: FLAGS,
}

/** Writes objects for the sinks of an account that exist. Secret values go to one file and nowhere else. */
export function runExport(argv: readonly string[]): Promise<number> {
  return runWith(EXPORT_OPTIONS, { argv, environment: process.env }, exportAccount)
}

async function exportAccount(options: ExportOptions): Promise<number> {
  const account = neededEnvironmentCredential(process.env)
  const settings = { ...options, accountSid: account.accountSid }
  const imported = options.skipImported ? await importedSinks(options.kubeconfig) : undefined
  const exported = exportedAccount(await sinksOf(account, options), settings, imported)
  const files = exportFiles(exported, settings)
  const outcome = await writeFiles(options.output, files, { force: options.force, atTimes: AT_TIMES })
  tell(exported, files, outcome)
  process.stderr.write(nextStep(settings, options.output, account))
  return 0
}

async function sinksOf(account: AccountCredential, options: ExportOptions): Promise<readonly ClearSink[]> {
  const { twilioBaseUrl: baseUrl, callTimeout: callTimeoutMs } = options
  const proxy = environmentProxy(process.env, new URL(baseUrl))
  const chance = { clock: systemClock, random: Math.random }
  const reader = new ClearSinksReader(
    { baseUrl, proxy, callTimeoutMs, version: VERSION, ...chance },
    account.credential,
  )
  try {
    await refuseWrongAccount(reader, account.accountSid)
    return await reader.sinks()
  } catch (error) {
    if (error instanceof TwilioFailure)
      throw new CommandError(`Twilio does not show the sinks (${error.kind}): ${error.message}`)
    throw error
  } finally {
    await reader.close()
  }
}

/** The key alone decides which account is seen; what is exported from another one would never be imported. */
async function refuseWrongAccount(reader: ClearSinksReader, accountSid: string): Promise<void> {
  const others = [...((await reader.accountsOfSubscriptions()) ?? [])].filter((sid) => sid !== accountSid)
  const [other] = others
  if (other !== undefined)
    throw new CommandError(`the key belongs to the account ${other}, and TWILIO_ACCOUNT_SID is ${accountSid}`)
}

function tell(
  { sinks, leftOut }: ExportedAccount,
  files: readonly ExportFile[],
  { written, removed }: WrittenFiles,
): void {
  const lines = files.map(({ contents }, at) => `${written[at] ?? ''}: ${contents}\n`)
  process.stdout.write(lines.join(''))
  for (const path of removed)
    process.stderr.write(
      `${path}: removed, because an earlier export wrote it and this one does not need it\n`,
    )
  for (const { sid, name, remarks } of sinks)
    for (const remark of remarks) process.stderr.write(`${sid} (${name}): ${remark}\n`)
  for (const { sid, why } of leftOut) process.stderr.write(`${sid}: ${why}\n`)
}

/** What a person does with the files, to be copied into a shell. */
export function nextStep(
  { namespace, credentialsSecret }: Pick<ExportSettings, 'namespace' | 'credentialsSecret'>,
  output: string,
  { accountSid, credential }: AccountCredential,
): string {
  const names =
    credential.username === accountSid ? ['TWILIO_AUTH_TOKEN'] : ['TWILIO_API_KEY', 'TWILIO_API_SECRET']
  const literals = names.map((name) => `--from-literal=${name}="$${name}"`).join(' ')
  return [
    `Next, create a Secret with the credentials for the operator, and apply the files. The namespace ${namespace} must exist:`,
    `  kubectl -n ${namespace} create secret generic ${credentialsSecret} ${literals}`,
    `  kubectl apply --server-side -f ${shellPath(output)}`,
    '',
  ].join('\n')
}

/** The path as one word of a POSIX shell; what a program would take for a flag, or for standard input, stays a path. */
function shellPath(path: string): string {
  const plain = path.startsWith('-') ? `./${path}` : path
  return /^[\w./:@%+=,-]+$/u.test(plain) ? plain : `'${plain.replaceAll("'", String.raw`'\''`)}'`
}
