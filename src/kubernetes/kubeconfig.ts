import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import type { CredentialSource, Credentials, TlsSettings } from './credentials.ts'

const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** What of the environment decides where credentials come from. */
export interface KubeconfigPlace {
  /** A kubeconfig file; goes before everything else. */
  readonly path?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Credentials as kubectl would find them: the given file; else the Pod's service account; else `$KUBECONFIG`; else
 * `~/.kube/config`. Certificates, tokens, token files and exec plugins are client-node's work. Rejects with one
 * clear sentence when there are none.
 */
export function kubeconfigCredentials(place: KubeconfigPlace): CredentialSource {
  let config: KubeConfig | undefined
  return {
    read: async (fresh) => {
      // A new one forgets the tokens that its plugins have cached.
      if (fresh || config === undefined) config = load(place)
      return credentialsOf(config)
    },
  }
}

function load({ path, environment }: KubeconfigPlace): KubeConfig {
  const config = new KubeConfig()
  const inCluster = environment['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(TOKEN_FILE)
  const usual = join(environment['HOME'] ?? homedir(), '.kube', 'config')
  if (path !== undefined) config.loadFromFile(path)
  else if (inCluster) config.loadFromCluster()
  else if (environment['KUBECONFIG'] !== undefined) loadFromList(config, environment['KUBECONFIG'])
  else if (existsSync(usual)) config.loadFromFile(usual)
  else throw new Error('No kubeconfig: neither in a cluster, nor KUBECONFIG, nor ~/.kube/config')
  return config
}

/** Of several files the first that says something counts, and missing ones do not matter, as kubectl has it. */
function loadFromList(config: KubeConfig, list: string): void {
  const files = list.split(delimiter).filter((file) => existsSync(file))
  if (files.length === 0) throw new Error('KUBECONFIG names no file that exists')
  for (const file of files) {
    const other = new KubeConfig()
    other.loadFromFile(file)
    config.clusters = withoutNamesakes([...config.clusters, ...other.clusters])
    config.users = withoutNamesakes([...config.users, ...other.users])
    config.contexts = withoutNamesakes([...config.contexts, ...other.contexts])
    config.currentContext = config.currentContext || other.currentContext
  }
}

const withoutNamesakes = <T extends { readonly name: string }>(all: readonly T[]): T[] =>
  all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index)

async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error('The kubeconfig names no current cluster')
  if (cluster.proxyUrl?.startsWith('socks') === true) throw new Error('SOCKS proxies are not supported')
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  return {
    server: cluster.server,
    headers: headersOf(options),
    tls: tlsOf(options),
    proxy: cluster.proxyUrl,
  }
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
