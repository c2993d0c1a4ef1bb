import { execFile, type ExecFileException } from 'node:child_process'
import { resolve } from 'node:path'
import { UnusableKubeconfig } from './credentials.ts'
import { listAt, textAt } from './json-value.ts'

/** What an exec plugin of a kubeconfig gives. Secret as a whole. */
export interface PluginCredential {
  readonly token: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  /** Milliseconds since the epoch; undefined: it serves until it is refused. */
  readonly expiresAt: number | undefined
}

export interface PluginPlace {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A relative path to it begins here. */
  readonly folder: string
}

/** A plugin may wait for a person who is not there; milliseconds. */
const LONGEST_RUN = 20_000
/** An ExecCredential has a few thousand bytes. */
const MOST_BYTES = 1024 * 1024

/**
 * Runs the plugin that a kubeconfig names. Rejects with an `UnusableKubeconfig` that quotes neither what it printed nor
 * its command, which may hold a secret, too. Its standard error goes nowhere: run by hand, it shows there why it failed.
 */
export async function runExecPlugin(exec: unknown, place: PluginPlace): Promise<PluginCredential> {
  const printed = parsed(await outputOf(exec, place))
  const credential = {
    token: textAt(printed, 'status', 'token'),
    cert: textAt(printed, 'status', 'clientCertificateData'),
    key: textAt(printed, 'status', 'clientKeyData'),
    expiresAt: timeOf(textAt(printed, 'status', 'expirationTimestamp')),
  }
  if (credential.token === undefined && credential.cert === undefined)
    throw wrong('printed an ExecCredential with neither a token nor a client certificate in its status')
  return credential
}

function outputOf(exec: unknown, { environment, folder }: PluginPlace): Promise<string> {
  const written = textAt(exec, 'command') ?? ''
  if (written === '') throw wrong('has no command')
  // A mere name is looked for on the PATH.
  const command = written.includes('/') ? resolve(folder, written) : written
  const args = listAt(exec, 'args').filter((one): one is string => typeof one === 'string')
  const env = { ...environment, KUBERNETES_EXEC_INFO: askFor(exec), ...variablesOf(exec) }
  const limits = { env, maxBuffer: MOST_BYTES, timeout: LONGEST_RUN }
  return new Promise((resolve, reject) => {
    try {
      const child = execFile(command, args, limits, (error, stdout) => {
        if (error === null) resolve(stdout)
        else reject(wrong(whyOf(error)))
      })
      child.stdin?.end()
    } catch {
      reject(wrong('has a command or an argument that no process can be given'))
    }
  })
}

function variablesOf(exec: unknown): Readonly<Record<string, string>> {
  const pairs = listAt(exec, 'env').map(
    (one) => [textAt(one, 'name') ?? '', textAt(one, 'value') ?? ''] as const,
  )
  return Object.fromEntries(pairs)
}

/** What client-go tells a plugin. */
function askFor(exec: unknown): string {
  const apiVersion = textAt(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1'
  return JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } })
}

function whyOf({ code, killed, signal }: ExecFileException): string {
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `printed more than ${MOST_BYTES} bytes`
  if (typeof code === 'number') return `ended with exit code ${code}: run it by hand to see why`
  if (killed === true) return `did not end within ${LONGEST_RUN / 1000} s`
  if (typeof signal === 'string') return `was ended by ${signal}`
  return `cannot be started (${typeof code === 'string' && /^E[A-Z]{1,20}$/u.test(code) ? code : 'unknown'})`
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    throw wrong('printed something that is no JSON: an ExecCredential is expected, not a bare token')
  }
}

function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text.slice(0, 64))
  return Number.isNaN(time) ? undefined : time
}

const wrong = (what: string): UnusableKubeconfig =>
  new UnusableKubeconfig(`The exec plugin of the kubeconfig ${what}`)
