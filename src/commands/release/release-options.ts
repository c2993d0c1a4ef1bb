import { z } from 'zod'
import { firstBroken, flag, optionalFlag, type OptionRule } from '../../options/flag.ts'
import * as kinds from '../../options/kinds.ts'
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
