import {
  KubernetesFailure,
  type CachedObject,
  type JsonPatchOperation,
  type ObjectKey,
  type ObjectStore,
} from '../../reconciler/ports.ts'
import type { Clock } from '../../time/clock.ts'
import type { ApiCall } from '../client/call.ts'
import type { Connection } from '../client/connection.ts'
import { FIELD_MANAGER, resourcePath, splitKey, type Resource } from '../client/resource-path.ts'
import {
  runListWatch,
  type ListWatchObserver,
  type ListWatchTarget,
  type ListWatchTiming,
} from './list-watch.ts'
import type { Log } from '../client/log.ts'
import { createObjectCache, type ObjectCache } from './object-cache.ts'
import type { ObjectChange } from './own-writes.ts'
import { decodeObject, type Parse, type DecodedObject, versionOf } from './decode-object.ts'

export interface WatchedStore<T> extends ObjectStore<T> {
  /** `listener` is called at once for each change of the cache; one that throws is isolated. Returns how to end it. */
  onChange(listener: (change: ObjectChange<T>) => void): () => void
  /**
   * `listener` is called for each change that was no write of our own: at once, or when our calls about the object have
   * ended, since only an answer says whose a change was.
   */
  onForeignChange(listener: (change: ObjectChange<T>) => void): () => void
  /** Whether every list-watch has completed a LIST. */
  hasSynced(): boolean
  /** Lists and watches until `signal` ends, then resolves. */
  start(signal: AbortSignal): Promise<void>
}

export interface ObjectStoreOptions<T> {
  readonly connection: Connection
  readonly resource: Resource
  /** One list-watch each; none means all namespaces with one. */
  readonly namespaces: readonly string[]
  readonly parse: Parse<T>
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly observer?: ListWatchObserver
  readonly timing?: Partial<ListWatchTiming>
}

/** How often a call is made again because a LIST came in between. */
const RETRIES_ON_OVERLAP = 3

export function createObjectStore<T>(options: ObjectStoreOptions<T>): WatchedStore<T> {
  const { connection, resource, parse, log } = options
  const changes = createListeners<[ObjectChange<T>]>(log)
  const foreign = createListeners<[ObjectChange<T>]>(log)
  const namespaces = options.namespaces.length === 0 ? [''] : [...new Set(options.namespaces)]
  const caches = new Map(
    namespaces.map((namespace) => [namespace, createObjectCache<T>(changes.tell, foreign.tell)]),
  )
  const cacheOf = (key: ObjectKey): ObjectCache<T> | undefined =>
    caches.get('') ?? caches.get(splitKey(key).namespace)

  const see = async (call: ApiCall): Promise<DecodedObject<T>> => {
    const seen = decodeObject(await connection.request(call), parse)
    if (seen !== undefined) return seen
    throw new KubernetesFailure('unavailable', `${call.method} ${call.path}: no object`)
  }

  const pathOf = (key: ObjectKey, ...subresource: readonly string[]): string => {
    const { namespace, name } = splitKey(key)
    return resourcePath(resource, namespace, name, ...subresource)
  }

  const read = async (key: ObjectKey, again = RETRIES_ON_OVERLAP): Promise<CachedObject<T> | undefined> => {
    // An object outside the watched namespaces is read and written, but not kept.
    const call = cacheOf(key)?.begin(key)
    try {
      const seen = await see({ method: 'GET', path: pathOf(key) })
      if (call?.answered(seen, 'read') === 'overlapped' && again > 0) return await read(key, again - 1)
      return seen.cached
    } catch (error) {
      if (!(error instanceof KubernetesFailure) || error.kind !== 'not-found') throw error
      call?.absent()
      return undefined
    } finally {
      call?.end()
    }
  }

  const write = async (
    key: ObjectKey,
    path: string,
    body: readonly JsonPatchOperation[],
  ): Promise<CachedObject<T>> => {
    const call = cacheOf(key)?.begin(key)
    const contentType = 'application/json-patch+json'
    try {
      const seen = await see({ method: 'PATCH', path, query: FIELD_MANAGER, body, contentType })
      if (call?.answered(seen, 'write') === 'overlapped') await read(key).catch(() => undefined)
      return seen.cached
    } finally {
      call?.end()
    }
  }

  return {
    get: (key) => cacheOf(key)?.get(key),
    *all() {
      for (const cache of caches.values()) yield* cache.values()
    },
    read: (key) => read(key),
    patch: (key, operations) => write(key, pathOf(key), operations),
    patchStatus: (key, operations) => write(key, pathOf(key, 'status'), operations),
    onChange: changes.add,
    onForeignChange: foreign.add,
    hasSynced: () => [...caches.values()].every((cache) => cache.synced),
    start: async (signal) => {
      const runs = [...caches].map(([namespace, cache]) =>
        runListWatch(
          { ...options, path: resourcePath(resource, namespace), target: targetOf(cache, parse) },
          signal,
        ),
      )
      await Promise.all(runs)
    },
  }
}

function targetOf<T>(cache: ObjectCache<T>, parse: Parse<T>): ListWatchTarget {
  return {
    listBegan: () => {
      cache.listBegan()
    },
    listed: (objects, version) => {
      const seen = objects.map((object) => decodeObject(object, parse)).filter((one) => one !== undefined)
      cache.replace(seen, versionOf(version))
    },
    changed: (type, object) => {
      const seen = decodeObject(object, parse)
      if (seen !== undefined) cache.observe(type, seen)
      return seen !== undefined
    },
  }
}

/** One listener that throws does not keep the others from hearing. */
function createListeners<A extends unknown[]>(log: Log) {
  const listeners = new Set<(...told: A) => void>()
  return {
    add: (listener: (...told: A) => void) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    tell: (...told: A): void => {
      for (const listener of listeners) isolated(log, () => listener(...told))
    },
  }
}

function isolated(log: Log, work: () => void): void {
  try {
    work()
  } catch (error) {
    log.error({ err: error }, 'A listener of object changes threw')
  }
}
