import { SECRET_LABEL, type SecretUser } from '../api/group.ts'
import { KubernetesFailure, type ClusterReader } from '../reconciler/ports.ts'
import type { Connection } from './client/connection.ts'
import { listAt, textAt, textsAt, valueAt } from './client/json-value.ts'
import { resourcePath, type Resource } from './client/resource-path.ts'

const SECRETS: Resource = { group: '', version: 'v1', plural: 'secrets' }
const NAMESPACES: Resource = { group: '', version: 'v1', plural: 'namespaces' }
const CRDS: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
}

export interface ClusterReaderOptions {
  /**
   * People who write Sinks can make the operator use a Secret that they may not read. With this, it uses only Secrets
   * that have the label.
   */
  readonly requireSecretLabel?: boolean
}

/** Reads the rest of the cluster, always live. `sinks` is the kind whose CRD is looked at. */
export function createClusterReader(
  connection: Connection,
  sinks: Resource,
  { requireSecretLabel = false }: ClusterReaderOptions = {},
): ClusterReader {
  const get = (path: string): Promise<unknown> => connection.request({ method: 'GET', path })

  return {
    secret: async (namespace, name, user) => {
      const wanted = { namespace, name, user }
      const secret = await orAbsent(get(resourcePath(SECRETS, namespace, name))).catch((error: unknown) => {
        throw isForbidden(error) ? unreadable(wanted, error) : error
      })
      if (requireSecretLabel && mustBeHidden(secret, user)) throw unlabelled(wanted)
      return secret === undefined ? undefined : decoded(textsAt(secret, 'data'))
    },
    namespaceLabels: async (name) => {
      const namespace = await orAbsent(get(resourcePath(NAMESPACES, '', name)))
      return namespace === undefined ? undefined : textsAt(namespace, 'metadata', 'labels')
    },
    sinkCrd: async () => {
      const name = `${sinks.plural}.${sinks.group}`
      try {
        const crd = await orAbsent(get(resourcePath(CRDS, '', name)))
        // One that is gone has been deleted: the caller wants to know whether the objects are deleted with their CRD.
        const deleting = crd === undefined || isBeingDeleted(crd)
        return { deleting, source: 'crd' }
      } catch (error) {
        if (!isForbidden(error)) throw error
        return { deleting: await isTerminating(get, sinks), source: 'discovery' }
      }
    },
  }
}

const decoded = (data: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))

/**
 * For Sinks, a Secret without the label looks as if it did not exist: its name is not told to people who write Sinks.
 * For an account the two cases differ: when the Secret is gone the last credential is still used, when it must not be
 * used it is not.
 */
function mustBeHidden(secret: unknown, user: SecretUser): boolean {
  if (secret === undefined) return user === 'sinks'
  return textsAt(secret, 'metadata', 'labels')[SECRET_LABEL] !== user
}

interface WantedSecret {
  readonly namespace: string
  readonly name: string
  readonly user: SecretUser
}

const unreadable = ({ namespace, name }: WantedSecret, cause: unknown): KubernetesFailure =>
  new KubernetesFailure(
    'forbidden',
    `the operator may not read Secret ${name}: an administrator must grant it "get" on Secrets in ${namespace}`,
    { status: 403, cause },
  )

function unlabelled({ namespace, name, user }: WantedSecret): KubernetesFailure {
  const label = `${SECRET_LABEL}=${user}`
  return new KubernetesFailure(
    'forbidden',
    `there is no Secret ${name} with the label ${label}, which this operator asks for: create it, or, if it is meant for this: ` +
      `kubectl -n ${namespace} label secret ${name} ${label}`,
  )
}

const isBeingDeleted = (object: unknown): boolean =>
  textAt(object, 'metadata', 'deletionTimestamp') !== undefined

const isForbidden = (error: unknown): boolean =>
  error instanceof KubernetesFailure && error.kind === 'forbidden'

/**
 * A kind that is being taken away can still be read and deleted, but loses these verbs in discovery. A group that is
 * not served at all rejects as `unavailable`: an API server that starts looks the same.
 */
const LOST_VERBS = ['create', 'patch', 'update']

async function isTerminating(get: (path: string) => Promise<unknown>, sinks: Resource): Promise<boolean> {
  const served = await get(`/apis/${sinks.group}/${sinks.version}`)
  const kind = listAt(served, 'resources').find((one) => textAt(one, 'name') === sinks.plural)
  // While CRDs change, discovery can lack a kind for a moment: that says nothing.
  if (kind === undefined)
    throw new KubernetesFailure('unavailable', `discovery does not name ${sinks.plural}`)
  const verbs = listAt(valueAt(kind), 'verbs')
  return LOST_VERBS.some((verb) => !verbs.includes(verb))
}

export async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof KubernetesFailure && error.kind === 'not-found') return undefined
    throw error
  }
}

/**
 * What tells this cluster from others: the UID of the namespace `kube-system`; where that may not be read, the UID of
 * the operator's own. Rejects with a `KubernetesFailure` when neither can be had.
 */
export async function readInstallationId(connection: Connection, ownNamespace: string): Promise<string> {
  try {
    return await namespaceUid(connection, 'kube-system')
  } catch (error) {
    // A temporary failure must not lead to another id than before.
    if (!(error instanceof KubernetesFailure) || error.kind !== 'forbidden') throw error
    return namespaceUid(connection, ownNamespace)
  }
}

async function namespaceUid(connection: Connection, name: string): Promise<string> {
  const path = resourcePath({ group: '', version: 'v1', plural: 'namespaces' }, '', name)
  const uid = textAt(await connection.request({ method: 'GET', path }), 'metadata', 'uid')
  if (uid === undefined) throw new KubernetesFailure('unavailable', `GET ${path}: no UID`)
  return uid
}

/**
 * The OpenAPI document of a group and version: the schemas by which the API server keeps or drops fields. It follows
 * a changed CustomResourceDefinition within seconds. Reading it takes the rights that `system:discovery` gives to
 * everybody who is authenticated. `not-served`: the API server knows no kind of it; `forbidden`: even those rights
 * have been taken away. Rejects with a `KubernetesFailure`.
 */
export async function readPublishedSchema(
  connection: Connection,
  groupVersion: string,
): Promise<{ readonly document: unknown } | 'not-served' | 'forbidden'> {
  const path = `/openapi/v3/apis/${groupVersion}`
  try {
    return { document: await connection.request({ method: 'GET', path, tries: 1 }) }
  } catch (error) {
    if (error instanceof KubernetesFailure && error.status === 404) return 'not-served'
    if (error instanceof KubernetesFailure && error.kind === 'forbidden') return 'forbidden'
    throw error
  }
}
