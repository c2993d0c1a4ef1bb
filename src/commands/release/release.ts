import * as kinds from '../../options/kinds.ts'
import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '../../time/clock.ts'
import { UnusableKubeconfig } from '../../kubernetes/client/credentials.ts'
import { createReleaseClient, type ReleaseClient } from '../../kubernetes/release-client.ts'
import { environmentProxy } from '../../network/environment-proxy.ts'
import { KubernetesFailure } from '../../reconciler/ports.ts'
import { createTwilio, type Twilio } from '../../twilio/client.ts'
import { VERSION } from '../../version.ts'
import { CommandError, runWith } from '../command-options.ts'
import { environmentCredential } from '../environment-credential.ts'
import { createAccountOpener } from './accounts.ts'
import { finalCheck } from './final-check.ts'
import { keyOf } from './plan.ts'
import { plannedAccounts, releaseAccounts } from './release-accounts.ts'
import { plannedRows, releaseSinks } from './release-sinks.ts'
import { managedBy, textTable, type ReleaseRow } from './row.ts'
import { readScope, resolveInstallation, type Scope } from './scope.ts'
import { waitForOpenCreates } from './wait.ts'
import { z } from 'zod'
import { firstBroken, flag, optionalFlag, type OptionRule } from '../../options/flag.ts'
import { OPERATOR_OPTIONS } from '../../options/options.ts'
import type { CommandOptions } from '../../options/read-options.ts'

const HERE = { onlyOnCommandLine: true }
const { kubeconfig, installationId, twilioBaseUrl, callTimeout, settleTime } = OPERATOR_OPTIONS.schema.shape

const FLAGS = z.object({
  namespace: optionalFlag(kinds.NAMESPACE, 'release the objects of this namespace', HERE),
  allNamespaces: flag(kinds.BOOLEAN, 'false', 'release the objects of all namespaces', HERE),
  dryRun: flag(kinds.BOOLEAN, 'false', 'only show what release would do', HERE),
  yes: flag(kinds.BOOLEAN, 'false', 'release the objects; there is no further question', HERE),
  operatorWait: flag(
    kinds.DURATION,
    '30s',
    'how long to wait until a running operator has seen the change; if no operator runs, use a short time',
  ),
  kubeconfig,
  installationId,
  twilioBaseUrl,
  callTimeout,
  settleTime,
})
export type ReleaseOptions = z.infer<typeof FLAGS>

const RULES: readonly OptionRule<ReleaseOptions>[] = [
  {
    isMet: ({ namespace, allNamespaces }) => (namespace === undefined) === allNamespaces,
    otherwise: 'give either --namespace or --all-namespaces',
  },
  { isMet: ({ dryRun, yes }) => dryRun !== yes, otherwise: 'give either --dry-run or --yes' },
]

export const RELEASE_OPTIONS: CommandOptions<typeof FLAGS> = {
  about: [
    'twilio-sink-operator release: removes Sinks and TwilioAccounts from the cluster and leaves every sink at Twilio as',
    'it was before the operator. It deletes nothing at Twilio; it only removes the ownership marks from the descriptions.',
    'It works with and without a running operator. If it was interrupted, run it again.',
    '',
    'First remove the objects from Git, or stop what applies them: an object that comes back creates a new sink.',
    'If no TwilioAccount has usable credentials, release uses those in the environment, as export does.',
  ],
  schema: FLAGS.superRefine(firstBroken(RULES)),
}

/** Removes the objects and leaves the sinks as they were before the operator. */
export function runRelease(argv: readonly string[]): Promise<number> {
  return runWith(RELEASE_OPTIONS, { argv, environment: process.env }, release)
}

async function release(options: ReleaseOptions): Promise<number> {
  const client = await connect(options)
  const twilio = createTwilio({
    baseUrl: options.twilioBaseUrl,
    proxy: environmentProxy(process.env, new URL(options.twilioBaseUrl)),
    callTimeoutMs: options.callTimeout,
    maxCallsPerAccount: 1,
    version: VERSION,
    clock: systemClock,
    random: Math.random,
    mayMutate: () => !options.dryRun,
  })
  try {
    return await releaseWith(options, client, twilio)
  } catch (error) {
    if (error instanceof KubernetesFailure)
      throw new CommandError(`a request to the API server failed: ${error.message}`)
    throw error
  } finally {
    await Promise.all([client.close(), twilio.close()])
  }
}

function connect({ kubeconfig }: ReleaseOptions): Promise<ReleaseClient> {
  const chance = { clock: systemClock, random: Math.random }
  const place = { path: kubeconfig, environment: process.env }
  return createReleaseClient({ kubeconfig: place, version: VERSION, ...chance }).catch((error: unknown) => {
    if (!(error instanceof UnusableKubeconfig)) throw error
    throw new CommandError(error.message)
  })
}

async function releaseWith(options: ReleaseOptions, client: ReleaseClient, twilio: Twilio): Promise<number> {
  const namespace = options.namespace ?? ''
  const waitOptions = {
    within: options.operatorWait,
    monotonic: () => systemClock.monotonic(),
    pause: (ms: number) => wait(ms),
  }
  // A create leaves within one call of its journal, which is what is seen of it.
  const createOptions = { ...waitOptions, within: options.callTimeout + options.settleTime }
  const waitedFor = await waitForOpenCreates(() => client.sinks.list(namespace), createOptions, tell)
  const scope = await readScope(client, namespace)
  const installationOf = await resolveInstallation(options.installationId, client, scope)
  const fromEnvironment = environmentCredential(process.env)
  const opener = { client, scope, connect: twilio.connect, fromEnvironment, installationOf, waitedFor }
  const plannedWith = createAccountOpener(opener)
  const release = { client, scope, plannedWith, accounts: createAccountOpener(opener), waitOptions, tell }
  warnOfManagers(scope)
  if (options.dryRun) {
    const planned = await plannedRows(release)
    return print([...planned, ...(await plannedAccounts(release, planned))])
  }
  const rows = await releaseSinks(release)
  const unsure = await finalCheck(release, rows)
  return print([...rows, ...(await releaseAccounts(release)), ...unsure])
}

function warnOfManagers({ sinks }: Scope): void {
  for (const sink of sinks.objects) {
    const manager = managedBy(sink.metadata)
    if (manager !== undefined)
      tell(
        `${keyOf(sink)} belongs to ${manager}: remove it there first, or it comes back and the operator creates a new sink.`,
      )
  }
}

function print(rows: readonly ReleaseRow[]): number {
  process.stdout.write(
    textTable(
      ['OBJECT', 'SINK', 'AT TWILIO'],
      rows.map(({ object, sid, outcome }) => [object, sid, outcome]),
    ),
  )
  return rows.every(({ released }) => released) ? 0 : 1
}

const tell = (line: string): void => void process.stderr.write(`${line}\n`)
