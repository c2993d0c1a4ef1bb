import { readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { resolve } from 'node:path'
import type { Cluster } from '@kubernetes/client-node'
import { environmentProxy, PROXY_EXPECTED, proxyUrl } from '../../network/environment-proxy.ts'
import type { Clock } from '../../time/clock.ts'
import {
  UnusableKubeconfig,
  type CredentialSource,
  type Credentials,
  type TlsSettings,
} from './credentials.ts'
import { runExecPlugin, type PluginCredential } from './exec-plugin.ts'
import { impersonation } from './impersonation.ts'
import { textAt, valueAt } from './json-value.ts'
import { codeOf, findKubeconfig, type Kubeconfig, type KubeconfigPlace } from './kubeconfig-files.ts'

/**
 * The credentials of the kubeconfig. Certificates are client-node's work; what it leaves out of a user is done here.
 * Rejects with an `UnusableKubeconfig` or an `UnusableProxy`, one clear sentence, whatever is wrong: the errors of what
 * reads these files quote them.
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

interface Loaded extends Kubeconfig {
  readonly environment: KubeconfigPlace['environment']
  readonly clock: Pick<Clock, 'now'>
  given: PluginCredential | undefined
}

/** client-node must not run the plugin: what it throws then is what the plugin printed. */
function loaded(place: KubeconfigPlace, clock: Pick<Clock, 'now'>): Loaded {
  const found = findKubeconfig(place)
  found.config.users = found.config.users.map((user) => ({ ...user, exec: undefined }))
  return { ...found, clock, environment: place.environment, given: undefined }
}

async function credentialsOf(known: Loaded): Promise<Credentials> {
  const { server, proxy } = peerOf(known)
  const options = await optionsOf(known)
  const exec = valueAt(known.user, 'exec') ?? undefined
  if (exec !== undefined) addPlugin(options, await givenBy(known, exec))
  addTokenFile(options, known)
  const headers = { ...headersOf(options), ...impersonation(known.user, known.name) }
  return { server, headers, tls: tlsOf(options), proxy }
}

/** A proxy that the kubeconfig names serves whatever the environment says, as kubectl has it. */
function peerOf(known: Loaded): Pick<Credentials, 'server' | 'proxy'> {
  const { name, environment } = known
  const { server, proxyUrl: proxy } = currentCluster(known)
  const target = URL.parse(server)
  if (target === null) throw new UnusableKubeconfig(`${name} has a current cluster whose server is not a URL`)
  if (proxy === undefined || proxy === '')
    return { server, proxy: environmentProxy(environment, target)?.href }
  const url = proxyUrl(proxy)
  if (url === undefined)
    throw new UnusableKubeconfig(`The proxy-url of the current cluster ${PROXY_EXPECTED}`)
  return { server, proxy: url.href }
}

function currentCluster({ name, config }: Kubeconfig): Cluster {
  if (config.currentContext === '') throw new UnusableKubeconfig(`${name} names no current context`)
  const context = config.getContextObject(config.currentContext)
  if (context === null)
    throw new UnusableKubeconfig(`${name} does not have the context that it names as current`)
  const cluster = config.getCluster(context.cluster)
  if (cluster === null)
    throw new UnusableKubeconfig(`${name} does not have the cluster of its current context`)
  if (context.user !== undefined && config.getCurrentUser() === null)
    throw new UnusableKubeconfig(`${name} does not have the user of its current context`)
  return cluster
}

async function optionsOf({ config, name }: Kubeconfig): Promise<RequestOptions> {
  const options: RequestOptions = {}
  try {
    await config.applyToHTTPSOptions(options)
    return options
  } catch (error) {
    throw new UnusableKubeconfig(
      `${name} names something to sign in with, a file or a provider, that cannot be used (${codeOf(error)})`,
    )
  }
}

/** What a plugin gave is used until it expires. */
async function givenBy(known: Loaded, exec: unknown): Promise<PluginCredential> {
  const { given, clock } = known
  if (given !== undefined && (given.expiresAt === undefined || given.expiresAt > clock.now())) return given
  known.given = await runExecPlugin(exec, known)
  return known.given
}

function addPlugin(options: RequestOptions, { token, cert, key }: PluginCredential): void {
  if (cert !== undefined) options.cert = cert
  if (key !== undefined) options.key = key
  if (token !== undefined) addToken(options, token)
}

function addToken(options: RequestOptions, token: string): void {
  options.headers = { ...options.headers, Authorization: `Bearer ${token}` }
}

/** Read each time, since the file is replaced before its token expires. It goes before a token beside it, if it is there. */
function addTokenFile(options: RequestOptions, { user, folder, name }: Loaded): void {
  const path = textAt(user, 'tokenFile') ?? ''
  if (path === '') return
  try {
    const token = readFileSync(resolve(folder, path), 'utf8').trim()
    if (token !== '') return addToken(options, token)
  } catch (error) {
    if (textAt(user, 'token') !== undefined) return
    throw new UnusableKubeconfig(`${name} names a token file that cannot be read (${codeOf(error)})`)
  }
  if (textAt(user, 'token') === undefined)
    throw new UnusableKubeconfig(`${name} names a token file that is empty`)
}

/** A line break at the end of a token is none of it. */
function headersOf({ headers, auth }: RequestOptions): Readonly<Record<string, string>> {
  const all: Record<string, string> = {}
  if (auth != null) all['authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`
  for (const [name, value] of Object.entries(headers ?? {})) all[name.toLowerCase()] = String(value).trim()
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
