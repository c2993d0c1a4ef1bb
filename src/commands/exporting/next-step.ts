import type { ExportSettings } from '../../export/exported-account.ts'
import type { AccountCredential } from '../environment-credential.ts'
import { shellPath } from './shell-path.ts'

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
    'Next, create a Secret with the credentials for the operator, and apply the files:',
    `  kubectl -n ${namespace} create secret generic ${credentialsSecret} ${literals}`,
    `  kubectl apply --server-side -f ${shellPath(output)}`,
    '',
  ].join('\n')
}
