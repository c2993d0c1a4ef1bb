import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import type { Clock } from '../../time/clock.ts'
import {
  UnusableKubeconfig,
  type CredentialSource,
  type Credentials,
  type TlsSettings,
} from './credentials.ts'
import { runExecPlugin, type PluginCredential } from './exec-plugin.ts'
import { numberAt, textAt } from './json-value.ts'

const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token'
/** Bytes of a kubeconfig that are read. */
const MOST_BYTES = 4 * 1024 * 1024

/** What of the environment decides where credentials come from. */
export interface KubeconfigPlace {
  /** A kubeconfig file; has precedence over everything else. */
  readonly path?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Credentials as kubectl would find them: the given file; else the Pod's service account; else `$KUBECONFIG`; else
 * `~/.kube/config`. Certificates, tokens and token files are client-node's work. Rejects with an `UnusableKubeconfig`,
 * one clear sentence, whatever is wrong: the errors of what reads these files quote them.
 */
export function kubeconfigCredentials(place: KubeconfigPlace, clock: Pick<Clock, 'now'>): CredentialSource {
  let known: Loaded | undefined
  return {
    read: async (fresh) => {
      // A new one forgets what its plugin has given.
      if (fresh || known === undefined) known = loaded(place, clock)
      return credentialsOf(known)
    },
  }
}

interface Loaded {
  readonly config: KubeConfig
  readonly environment: KubeconfigPlace['environment']
  readonly clock: Pick<Clock, 'now'>
  /** As the current user's entry has it. */
  readonly exec: unknown
  given: PluginCredential | undefined
}

/** client-node must not run the plugin: what it throws then is what the plugin printed. */
function loaded(place: KubeconfigPlace, clock: Pick<Clock, 'now'>): Loaded {
  const config = load(place)
  const exec: unknown = config.getCurrentUser()?.exec
  config.users = config.users.map((user) => ({ ...user, exec: undefined }))
  return { config, exec, clock, environment: place.environment, given: undefined }
}

function load({ path, environment }: KubeconfigPlace): KubeConfig {
  const inCluster = environment['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(TOKEN_FILE)
  const usual = join(environment['HOME'] ?? homedir(), '.kube', 'config')
  if (path !== undefined) return loadFile(path)
  if (inCluster) return loadFromCluster()
  if (environment['KUBECONFIG'] !== undefined) return loadFromList(environment['KUBECONFIG'])
  if (existsSync(usual)) return loadFile(usual)
  throw new UnusableKubeconfig('No kubeconfig: neither in a cluster, nor KUBECONFIG, nor ~/.kube/config')
}

function loadFromCluster(): KubeConfig {
  const config = new KubeConfig()
  config.loadFromCluster()
  return config
}

function loadFile(path: string): KubeConfig {
  const config = new KubeConfig()
  const text = contentOf(path)
  try {
    config.loadFromString(text)
    config.makePathsAbsolute(dirname(path))
  } catch (error) {
    throw new UnusableKubeconfig(`${nameOf(path)} ${whatIsWrong(error)}`)
  }
  return config
}

function contentOf(path: string): string {
  try {
    if (statSync(path).size <= MOST_BYTES) return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UnusableKubeconfig(`${nameOf(path)} cannot be read (${codeOf(error)})`)
  }
  throw new UnusableKubeconfig(`${nameOf(path)} has more than ${MOST_BYTES} bytes`)
}

/** Where the content was given in place of the path, it must not be repeated. */
const nameOf = (path: string): string =>
  /^[\w./:@%+=,~ -]{1,256}$/u.test(path)
    ? `The kubeconfig ${path}`
    : 'The kubeconfig, whose path is an odd one,'

/** A parser's own words quote the line. */
function whatIsWrong(error: unknown): string {
  const line = numberAt(error, 'mark', 'line')
  if (line !== undefined) return `is not valid YAML: see its line ${line + 1}`
  const code = codeOf(error)
  if (code !== UNKNOWN) return `names a token file that cannot be read (${code})`
  return 'is none: it needs lists of clusters, users and contexts, each with a name, and each cluster with a server'
}

const UNKNOWN = 'unknown error'

function codeOf(error: unknown): string {
  const code = textAt(error, 'code') ?? ''
  return /^E[A-Z]{1,20}$/u.test(code) ? code : UNKNOWN
}

/** Of several files the first that says something counts, and missing ones do not matter, as kubectl has it. */
function loadFromList(list: string): KubeConfig {
  const files = list.split(delimiter).filter((file) => existsSync(file))
  if (files.length === 0) throw new UnusableKubeconfig('KUBECONFIG names no file that exists')
  const config = new KubeConfig()
  for (const file of files) {
    const other = loadFile(file)
    config.clusters = withoutNamesakes([...config.clusters, ...other.clusters])
    config.users = withoutNamesakes([...config.users, ...other.users])
    config.contexts = withoutNamesakes([...config.contexts, ...other.contexts])
    config.currentContext = config.currentContext || other.currentContext
  }
  return config
}

const withoutNamesakes = <T extends { readonly name: string }>(all: readonly T[]): T[] =>
  all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index)

async function credentialsOf(known: Loaded): Promise<Credentials> {
  const cluster = known.config.getCurrentCluster()
  if (cluster === null) throw new UnusableKubeconfig('The kubeconfig names no current cluster')
  const { server, proxyUrl: proxy } = cluster
  if (URL.parse(server) === null)
    throw new UnusableKubeconfig('The server of the current cluster in the kubeconfig is not a URL')
  if (proxy?.startsWith('socks') === true) throw new UnusableKubeconfig('SOCKS proxies are not supported')
  if (proxy !== undefined && URL.parse(proxy) === null)
    throw new UnusableKubeconfig('The proxy-url of the current cluster in the kubeconfig is not a URL')
  const options = await optionsOf(known.config)
  if (known.exec !== undefined && known.exec !== null) addPlugin(options, await givenBy(known))
  return { server, headers: headersOf(options), tls: tlsOf(options), proxy }
}

async function optionsOf(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {}
  try {
    await config.applyToHTTPSOptions(options)
    return options
  } catch (error) {
    throw new UnusableKubeconfig(
      `What the kubeconfig names to sign in, a file or a provider, cannot be used (${codeOf(error)})`,
    )
  }
}

/** What a plugin gave is used until it expires. */
async function givenBy(known: Loaded): Promise<PluginCredential> {
  const { given, clock } = known
  if (given !== undefined && (given.expiresAt === undefined || given.expiresAt > clock.now())) return given
  known.given = await runExecPlugin(known.exec, known.environment)
  return known.given
}

function addPlugin(options: RequestOptions, { token, cert, key }: PluginCredential): void {
  if (cert !== undefined) options.cert = cert
  if (key !== undefined) options.key = key
  if (token !== undefined) options.headers = { ...options.headers, Authorization: `Bearer ${token}` }
}

function headersOf({ headers, auth }: RequestOptions): Readonly<Record<string, string>> {
  const all: Record<string, string> = {}
  if (auth != null) all['authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`
  for (const [name, value] of Object.entries(headers ?? {})) all[name.toLowerCase()] = String(value)
  return all
}

function tlsOf({ ca, cert, key, passphrase, servername, rejectUnauthorized }: RequestOptions): TlsSettings {
  return {
    ...(isPem(ca) && { ca }),
    ...(isPem(cert) && { cert }),
    ...(isPem(key) && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  }
}

const isPem = (value: unknown): value is string | Buffer =>
  typeof value === 'string' || Buffer.isBuffer(value)
