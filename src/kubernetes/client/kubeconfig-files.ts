import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { load } from 'js-yaml'
import { UnusableKubeconfig } from './credentials.ts'
import { listAt, numberAt, textAt, valueAt } from './json-value.ts'

/** Where the kubelet puts the token of a Pod's service account. */
const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token'
/** Bytes of a kubeconfig that are read. */
const MOST_BYTES = 4 * 1024 * 1024

/** What of the environment decides where credentials come from. */
export interface KubeconfigPlace {
  /** A kubeconfig file; has precedence over everything else. */
  readonly path?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

export interface Kubeconfig {
  /** For people, as the subject of a sentence. */
  readonly name: string
  readonly config: KubeConfig
  /** The current user, as a file has it: client-node keeps less. */
  readonly user: unknown
  /** Relative paths of that user begin here. */
  readonly folder: string
}

/**
 * The kubeconfig as kubectl would find it: the given file; else the Pod's service account; else `$KUBECONFIG`; else
 * `~/.kube/config`. Throws an `UnusableKubeconfig`.
 */
export function findKubeconfig({ path, environment }: KubeconfigPlace): Kubeconfig {
  if (path !== undefined) return merged(nameOf(path), [path])
  // An empty variable is as if it were not set.
  const { KUBERNETES_SERVICE_HOST: host = '', KUBECONFIG: files = '', HOME = '' } = environment
  if (host !== '' && existsSync(TOKEN_FILE)) return ofPod()
  const list = files.split(delimiter).filter((file) => file !== '')
  if (list.length > 0) return ofList(list)
  const home = HOME === '' ? homeOfUser() : HOME
  const usual = join(home, '.kube', 'config')
  if (home !== '' && existsSync(usual)) return merged(nameOf(usual), [usual])
  throw new UnusableKubeconfig('No kubeconfig: neither in a cluster, nor KUBECONFIG, nor ~/.kube/config')
}

/** '' where the system knows no user of this number, as in a container with any number. */
function homeOfUser(): string {
  try {
    return homedir()
  } catch {
    return ''
  }
}

function ofPod(): Kubeconfig {
  const config = new KubeConfig()
  config.loadFromCluster()
  config.users = config.users.map(({ name }) => ({ name }))
  return { name: "The Pod's service account", config, user: { tokenFile: TOKEN_FILE }, folder: '/' }
}

/** Of several files the first that says something counts, and missing ones do not matter, as kubectl has it. */
function ofList(list: readonly string[]): Kubeconfig {
  const files = list.filter((file) => existsSync(file))
  const [first] = files
  if (first === undefined) throw new UnusableKubeconfig('KUBECONFIG names no file that exists')
  return merged(files.length === 1 ? nameOf(first) : 'The kubeconfig of the files in KUBECONFIG', files)
}

function merged(name: string, paths: readonly string[]): Kubeconfig {
  const files = paths.map(readFile)
  const all = files.map(({ config }) => config)
  const config = new KubeConfig()
  config.clusters = withoutNamesakes(all.flatMap(({ clusters }) => clusters))
  config.users = withoutNamesakes(all.flatMap(({ users }) => users))
  config.contexts = withoutNamesakes(all.flatMap(({ contexts }) => contexts))
  config.currentContext = all.find(({ currentContext }) => currentContext)?.currentContext ?? ''
  const current = config.getCurrentUser()?.name
  const [found] = files.flatMap(({ users, folder }) =>
    users
      .filter((entry) => textAt(entry, 'name') === current)
      .map((entry) => ({ user: valueAt(entry, 'user'), folder })),
  )
  return { name, config, user: found?.user, folder: found?.folder ?? '/' }
}

const withoutNamesakes = <T extends { readonly name: string }>(all: readonly T[]): T[] =>
  all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index)

interface KubeconfigFile {
  readonly config: KubeConfig
  readonly users: readonly unknown[]
  readonly folder: string
}

function readFile(path: string): KubeconfigFile {
  const config = new KubeConfig()
  const text = contentOf(path)
  const folder = dirname(path)
  try {
    config.loadFromString(text)
    config.makePathsAbsolute(folder)
    return { config, users: listAt(load(text), 'users'), folder }
  } catch (error) {
    throw new UnusableKubeconfig(`${nameOf(path)} ${whatIsWrong(error)}`)
  }
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

/** A code of the system, and no text. */
export function codeOf(error: unknown): string {
  const code = textAt(error, 'code') ?? ''
  return /^E[A-Z]{1,20}$/u.test(code) ? code : UNKNOWN
}
