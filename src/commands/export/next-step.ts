import type { ExportSettings } from './objects/exported-account.ts'
import type { AccountCredential } from '../environment-credential.ts'

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

/** The path as one word of a POSIX shell; what a program would take for a flag, or for standard input, stays a path. */
function shellPath(path: string): string {
  const plain = path.startsWith('-') ? `./${path}` : path
  return /^[\w./:@%+=,-]+$/u.test(plain) ? plain : `'${plain.replaceAll("'", String.raw`'\''`)}'`
}
