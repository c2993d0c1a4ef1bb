import { OPTIONS, type Flag, type FlagWithDefault } from '../../options/table.ts'
import * as kinds from '../../options/kinds.ts'
import { baseUrlProblem } from '../../twilio/http/base-url.ts'
import { UsageError } from '../../options/reader.ts'
import type { CommandOptions } from '../command-options.ts'

export interface ReleaseOptions {
  readonly kubeconfig: string | undefined
  /** Undefined: all. */
  readonly namespace: string | undefined
  readonly dryRun: boolean
  /** Undefined: as the TwilioAccounts say, else the UID of kube-system. */
  readonly installationId: string | undefined
  readonly twilioBaseUrl: string
  /** Milliseconds. */
  readonly callTimeout: number
  readonly settleTime: number
  readonly operatorWait: number
}

function toggle(name: string, meaning: string): FlagWithDefault<boolean> {
  return { name, kind: kinds.BOOLEAN, default: 'false', meaning, onlyOnCommandLine: true }
}

const NAMESPACE: Flag<string> = {
  name: 'namespace',
  kind: kinds.NAMESPACE,
  default: undefined,
  meaning: 'release the objects of this namespace',
  onlyOnCommandLine: true,
}

const OPERATOR_WAIT: FlagWithDefault<number> = {
  name: 'operator-wait',
  kind: kinds.DURATION,
  default: '30s',
  meaning:
    'how long to wait until a running operator has seen the change; if no operator runs, use a short time',
}

const FLAGS = {
  namespace: NAMESPACE,
  allNamespaces: toggle('all-namespaces', 'release the objects of all namespaces'),
  dryRun: toggle('dry-run', 'only show what release would do'),
  yes: toggle('yes', 'release the objects; there is no further question'),
  operatorWait: OPERATOR_WAIT,
  kubeconfig: OPTIONS.kubeconfig,
  installationId: OPTIONS.installationId,
  twilioBaseUrl: OPTIONS.twilioBaseUrl,
  callTimeout: OPTIONS.callTimeout,
  settleTime: OPTIONS.settleTime,
}

export const RELEASE_OPTIONS: CommandOptions<ReleaseOptions> = {
  about: [
    'twilio-sink-operator release: removes Sinks and TwilioAccounts from the cluster and leaves every sink at Twilio as',
    'it was before the operator. It deletes nothing at Twilio; it only removes the ownership marks from the descriptions.',
    'It works with and without a running operator. If it was interrupted, run it again.',
    '',
    'First remove the objects from Git, or stop what applies them: an object that comes back creates a new sink.',
    'If no TwilioAccount has usable credentials, release uses those in the environment, as export does.',
  ],
  flags: Object.values(FLAGS),
  parse: ({ read, optional }) => {
    const namespace = optional(FLAGS.namespace)
    const dryRun = read(FLAGS.dryRun)
    if ((namespace === undefined) !== read(FLAGS.allNamespaces))
      throw new UsageError('give either --namespace or --all-namespaces')
    if (dryRun === read(FLAGS.yes)) throw new UsageError('give either --dry-run or --yes')
    const twilioBaseUrl = read(FLAGS.twilioBaseUrl)
    const problem = baseUrlProblem(twilioBaseUrl)
    if (problem !== undefined) throw new UsageError(`--${FLAGS.twilioBaseUrl.name} ${problem}`)
    return {
      kubeconfig: optional(FLAGS.kubeconfig),
      namespace,
      dryRun,
      installationId: optional(FLAGS.installationId),
      twilioBaseUrl,
      callTimeout: read(FLAGS.callTimeout),
      settleTime: read(FLAGS.settleTime),
      operatorWait: read(FLAGS.operatorWait),
    }
  },
}
