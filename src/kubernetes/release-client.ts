import { FINALIZER } from '../api/group.ts'
import type { PartialObject } from '../api/parse.ts'
import type { Sink } from '../api/sink.ts'
import type { TwilioAccount } from '../api/twilio-account.ts'
import { removeFinalizerPatch } from '../reconciler/metadata-patch.ts'
import { KubernetesFailure, type CachedObject, type JsonPatchOperation } from '../reconciler/ports.ts'
import type { Clock } from '../time/clock.ts'
import { createClusterReader, readInstallationId } from './cluster-reader.ts'
import { Connection } from './client/connection.ts'
import { kubeconfigCredentials } from './client/kubeconfig.ts'
import type { KubeconfigPlace } from './client/kubeconfig-files.ts'
import { decodeObject, type Parse } from './cache/decode-object.ts'
import { listPages } from './cache/list-pages.ts'
import { resourcePath } from './client/call.ts'
import { orAbsent } from './client/failure.ts'
import { ACCOUNTS, SINKS, type ServedKind } from './kinds.ts'

/** An object that cannot be read, by name; `problem` names the field. */
export interface UnreadableItem<T> {
  readonly key: string
  readonly problem: string
  /** What can be read of it. */
  readonly partial: PartialObject<T> | undefined
}

export interface Listed<T> {
  readonly objects: readonly T[]
  readonly unreadable: readonly UnreadableItem<T>[]
}

/**
 * The objects of one kind as a person's command sees them: always live, no cache. Everything rejects with a
 * `KubernetesFailure`. Every write is tied to the object, and a deletion to the version that it was decided on.
 */
export interface LiveObjects<T> {
  /** `namespace` '': all. */
  list(namespace: string): Promise<Listed<T>>
  /** Undefined when it is gone. */
  read(object: T): Promise<T | undefined>
  patch(object: T, operations: readonly JsonPatchOperation[]): Promise<T>
  /**
   * Deletes this very version of it, unless somebody has asked for that, and takes our finalizer out and no other.
   * Resolves with what is still there.
   */
  remove(object: T): Promise<T | undefined>
}

export interface ReleaseClient {
  readonly sinks: LiveObjects<Sink>
  readonly accounts: LiveObjects<TwilioAccount>
  secret(namespace: string, name: string): Promise<ReadonlyMap<string, string> | undefined>
  /** UID of the namespace `kube-system`. */
  clusterId(): Promise<string>
  close(): Promise<void>
}

export interface ReleaseClientOptions {
  readonly kubeconfig: KubeconfigPlace
  readonly clock: Clock
  readonly random: () => number
  readonly version: string
}

/** Another one than the operator's, so that `managedFields` say who removed it. */
const FIELD_MANAGER = { fieldManager: 'twilio-sink-operator-release' }

/** Rejects with one clear sentence when there is no usable kubeconfig. */
export async function createReleaseClient(options: ReleaseClientOptions): Promise<ReleaseClient> {
  const { clock, random, version } = options
  const credentials = kubeconfigCredentials(options.kubeconfig, options.clock)
  await credentials.read(false)
  const connection = new Connection({
    credentials,
    clock,
    random,
    userAgent: `twilio-sink-operator/${version}`,
  })
  return {
    sinks: liveObjects(connection, SINKS),
    accounts: liveObjects(connection, ACCOUNTS),
    secret: (namespace, name) =>
      createClusterReader(connection, SINKS.resource).secret(namespace, name, 'twilioaccounts'),
    clusterId: () => readInstallationId(connection, 'kube-system'),
    close: () => connection.close(),
  }
}

interface WithMetadata {
  readonly metadata: Sink['metadata']
}

function liveObjects<T extends WithMetadata>(
  connection: Connection,
  { resource, parse }: ServedKind<T>,
): LiveObjects<T> {
  const pathOf = ({ metadata }: T): string => resourcePath(resource, metadata.namespace, metadata.name)
  const parsed = (value: unknown): T => wholeObject(decodeObject(value, parse)?.cached)
  const read = async (object: T): Promise<T | undefined> => {
    const found = await orAbsent(connection.request({ method: 'GET', path: pathOf(object) }))
    return found === undefined ? undefined : sameObject(object, parsed(found))
  }
  const patch = async (object: T, body: readonly JsonPatchOperation[]): Promise<T> => {
    const contentType = 'application/json-patch+json'
    const call = { method: 'PATCH', path: pathOf(object), query: FIELD_MANAGER, body, contentType } as const
    return parsed(await connection.request(call))
  }
  return {
    list: (namespace) => listed(connection, resourcePath(resource, namespace), parse),
    read,
    patch,
    remove: async (object) => {
      const { uid, resourceVersion, deletionTimestamp } = object.metadata
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } }
      if (deletionTimestamp === undefined)
        await orAbsent(connection.request({ method: 'DELETE', path: pathOf(object), body }))
      const leaving = await read(object)
      if (leaving?.metadata.finalizers.includes(FINALIZER) !== true) return leaving
      await orAbsent(patch(leaving, removeFinalizerPatch(leaving.metadata)))
      return read(leaving)
    },
  }
}

async function listed<T>(connection: Connection, path: string, parse: Parse<T>): Promise<Listed<T>> {
  const all: CachedObject<T>[] = []
  await listPages({ connection, path, signal: new AbortController().signal }, (objects) => {
    all.push(...objects.flatMap((object) => decodeObject(object, parse)?.cached ?? []))
  })
  return {
    objects: all.flatMap((read) => (read.readable ? read.object : [])),
    unreadable: all.filter((read) => !read.readable),
  }
}

function wholeObject<T>(read: CachedObject<T> | undefined): T {
  if (read?.readable === true) return read.object
  const problem = read === undefined ? 'no object' : `${read.key} cannot be read: ${read.problem}`
  throw new KubernetesFailure('unavailable', problem)
}

/** Another object of the same name is none of ours. */
const sameObject = <T extends WithMetadata>(before: T, now: T): T | undefined =>
  before.metadata.uid === now.metadata.uid ? now : undefined
