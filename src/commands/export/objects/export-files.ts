import { dump } from 'js-yaml'
import { API_VERSION, SECRET_LABEL } from '../../../api/group.ts'
import type { ExportedAccount, ExportedSink, ExportSettings } from './exported-account.ts'

export interface ExportFile {
  readonly name: string
  readonly content: string
  /** Whether it holds secrets: then nobody else may read it. */
  readonly secret: boolean
  /** For people: what is in it. */
  readonly contents: string
}

/**
 * The first line of what holds secrets. It also tells the file of an earlier export from a person's own: it MUST stay so.
 */
const SECRETS_HEAD =
  'Secret values in clear. Do not commit this file: hand it to what keeps your secrets, or apply it and delete it.'

/** What an export writes only at times: one that an earlier export has left would be applied with the folder. */
export const AT_TIMES = [{ name: 'secrets.yaml', begins: `# ${SECRETS_HEAD}\n` }]

/**
 * The files of an export, in the order in which `kubectl apply` reads a folder. Without secret values there is no Secret.
 */
export function exportFiles(account: ExportedAccount, settings: ExportSettings): ExportFile[] {
  const { sinks } = account
  const files = [accountFile(settings), sinksFile(account, settings)]
  return sinks.some(({ secrets }) => secrets.length > 0)
    ? [...files.slice(0, 1), secretFile(sinks, settings), ...files.slice(1)]
    : files
}

function accountFile({ namespace, accountName, accountSid, credentialsSecret }: ExportSettings): ExportFile {
  const object = {
    apiVersion: API_VERSION,
    kind: 'TwilioAccount',
    metadata: { name: accountName, namespace },
    spec: { accountSid, credentialsSecretRef: { name: credentialsSecret } },
  }
  const contents = `TwilioAccount ${namespace}/${accountName}`
  return { name: 'account.yaml', content: yaml([], object), secret: false, contents }
}

function secretFile(sinks: readonly ExportedSink[], { namespace, valuesSecret }: ExportSettings): ExportFile {
  const places = sinks.flatMap(({ secrets, sid }) =>
    secrets.map(({ place, value }) => ({ key: place.key, value, sid })),
  )
  const shown = places.flatMap(({ key, value }) => (value === undefined ? [] : [[key, value] as const]))
  const missing = places.filter(({ value }) => value === undefined)
  const comments = [
    SECRETS_HEAD,
    ...missing.map(({ key, sid }) => `Twilio does not show the value of ${key} (${sid}): add it below.`),
  ]
  const object = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: valuesSecret, namespace, labels: { [SECRET_LABEL]: 'sinks' } },
    stringData: Object.fromEntries(shown),
  }
  const contents = `Secret ${namespace}/${valuesSecret} with ${shown.length} of ${places.length} values, mode 0600`
  return { name: 'secrets.yaml', content: yaml(comments, object), secret: true, contents }
}

function sinksFile({ sinks, leftOut }: ExportedAccount, { namespace }: ExportSettings): ExportFile {
  const documents = sinks.map(({ sid, name, spec, remarks }) =>
    yaml(
      remarks.map((remark) => `${sid}: ${remark}`),
      { apiVersion: API_VERSION, kind: 'Sink', metadata: { name, namespace }, spec },
    ),
  )
  const head = leftOut.map(({ sid, why }) => `# ${sid}: ${why}\n`).join('')
  const contents = `${sinks.length} Sinks in ${namespace}`
  return { name: 'sinks.yaml', content: `${head}${documents.join('---\n')}`, secret: false, contents }
}

/** Comments stand above the object that they are about. */
function yaml(comments: readonly string[], object: unknown): string {
  const lines = comments.map((comment) => `# ${comment}\n`).join('')
  return `${lines}${dump(object, { lineWidth: -1, noRefs: true })}`
}
