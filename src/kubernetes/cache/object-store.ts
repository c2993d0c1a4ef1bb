import {
  KubernetesFailure,
  type CachedObject,
  type JsonPatchOperation,
  type ObjectKey,
  type ObjectStore,
} from '../../reconciler/ports.ts'
import type { Clock } from '../../time/clock.ts'
import type { Connection } from '../client/connection.ts'
import { FIELD_MANAGER, resourcePath, splitKey, type ApiCall, type Resource } from '../client/call.ts'
import {
  runListWatch,
  type ListWatchOptions,
  type Log,
  type ListWatchObserver,
  type ListWatchTiming,
} from './list-watch.ts'
import { createListeners, type Listeners } from './listeners.ts'
import { ObjectCache } from './object-cache.ts'
import type { ObjectChange } from './own-writes.ts'
import { textAt, valueAt } from '../client/json-value.ts'
import { meetsPreconditions } from '../../reconciler/metadata-patch.ts'
import { decodeTrimmed, type Parse, type DecodedObject } from './decode-object.ts'
import { targetOf } from './list-target.ts'

/** How list-watches ask: over connections of their own, since each watch holds one for good. */
export type Watching = Pick<ListWatchOptions, 'connection' | 'lists'>

export interface ObjectStoreOptions<T> {
  /** For reads and writes. */
  readonly connection: Connection
  readonly watching: Watching
  readonly resource: Resource
  /** One list-watch each; none means all namespaces with one. */
  readonly namespaces: readonly string[]
  readonly parse: Parse<T>
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly observer?: ListWatchObserver
  readonly timing?: Partial<ListWatchTiming>
  /** Under which its writes are recorded. */
  readonly fieldManager?: string | undefined
}

/** How often a call is made again because a LIST came in between. */
const RETRIES_ON_OVERLAP = 3

/** An `ObjectStore` whose cache is kept by list-watches. */
export class WatchedStore<T> implements ObjectStore<T> {
  readonly #options: ObjectStoreOptions<T>
  readonly #changes: Listeners<[ObjectChange<T>]>
  readonly #foreign: Listeners<[ObjectChange<T>]>
  /** By namespace; '' for all. */
  readonly #caches: ReadonlyMap<string, ObjectCache<T>>
  /** By namespace, since when the API server refuses to list it; monotonic ms. */
  readonly #refusedSince = new Map<string, number>()

  constructor(options: ObjectStoreOptions<T>) {
    this.#options = options
    const changes = createListeners<[ObjectChange<T>]>(options.log)
    const foreign = createListeners<[ObjectChange<T>]>(options.log)
    const namespaces = options.namespaces.length === 0 ? [''] : [...new Set(options.namespaces)]
    this.#caches = new Map(
      namespaces.map((namespace) => [namespace, new ObjectCache<T>(changes.tell, foreign.tell)]),
    )
    this.#changes = changes
    this.#foreign = foreign
  }

  /** `listener` is called at once for each change of the cache; one that throws is isolated. Returns how to end it. */
  onChange(listener: (change: ObjectChange<T>) => void): () => void {
    return this.#changes.add(listener)
  }

  /**
   * `listener` is called for each change that was no write of our own: at once, or when our calls about the object have
   * ended, since only an answer says whose a change was.
   */
  onForeignChange(listener: (change: ObjectChange<T>) => void): () => void {
    return this.#foreign.add(listener)
  }

  /**
   * Whether every list-watch has completed a LIST. A namespace that has been refused for `patience` milliseconds is not
   * waited for, unless all are.
   */
  hasSynced(patience = Infinity): boolean {
    const unread = this.unread()
    const now = this.#options.clock.monotonic()
    const isRefused = (namespace: string): boolean =>
      now - (this.#refusedSince.get(namespace) ?? Infinity) >= patience
    return unread.length < this.#caches.size && unread.every(isRefused)
  }

  /** Namespaces of which no LIST has ever been complete; '' for all. */
  unread(): readonly string[] {
    return [...this.#caches].filter(([, cache]) => !cache.synced).map(([namespace]) => namespace)
  }

  /** Lists and watches until `signal` ends, then resolves. */
  async start(signal: AbortSignal): Promise<void> {
    const { resource, parse, watching } = this.#options
    const runs = [...this.#caches].map(([namespace, cache]) => {
      const path = resourcePath(resource, namespace)
      const observer = this.#observerOf(namespace)
      const target = targetOf(cache, parse)
      return runListWatch({ ...this.#options, ...watching, path, target, observer }, signal)
    })
    await Promise.all(runs)
  }

  #observerOf(namespace: string): ListWatchObserver {
    const { observer, clock } = this.#options
    const since = this.#refusedSince
    return {
      heard: () => {
        since.delete(namespace)
        observer?.heard?.()
      },
      restarted: (reason) => {
        if (reason !== 'refused') since.delete(namespace)
        else if (!since.has(namespace)) since.set(namespace, clock.monotonic())
        observer?.restarted?.(reason)
      },
    }
  }

  get(key: ObjectKey): CachedObject<T> | undefined {
    return this.#cacheOf(key)?.get(key)
  }

  *all(): Iterable<CachedObject<T>> {
    for (const cache of this.#caches.values()) yield* cache.values()
  }

  read(key: ObjectKey): Promise<CachedObject<T> | undefined> {
    return this.#read(key, RETRIES_ON_OVERLAP)
  }

  patch(key: ObjectKey, operations: readonly JsonPatchOperation[]): Promise<CachedObject<T>> {
    return this.#write(key, this.#pathOf(key), operations)
  }

  patchStatus(key: ObjectKey, operations: readonly JsonPatchOperation[]): Promise<CachedObject<T>> {
    return this.#write(key, this.#pathOf(key, 'status'), operations)
  }

  async #read(key: ObjectKey, again: number): Promise<CachedObject<T> | undefined> {
    // An object outside the watched namespaces is read and written, but not kept.
    const call = this.#cacheOf(key)?.begin(key)
    try {
      const seen = await this.#ask({ method: 'GET', path: this.#pathOf(key) })
      if (call?.answered(seen, 'read') === 'overlapped' && again > 0) return await this.#read(key, again - 1)
      return seen.cached
    } catch (error) {
      if (!(error instanceof KubernetesFailure) || error.kind !== 'not-found') throw error
      call?.absent()
      return undefined
    } finally {
      call?.end()
    }
  }

  async #write(key: ObjectKey, path: string, body: readonly JsonPatchOperation[]): Promise<CachedObject<T>> {
    const call = this.#cacheOf(key)?.begin(key)
    const contentType = 'application/json-patch+json'
    const { fieldManager = FIELD_MANAGER.fieldManager } = this.#options
    try {
      const seen = await this.#ask({ method: 'PATCH', path, query: { fieldManager }, body, contentType })
      if (call?.answered(seen, 'write') === 'overlapped') await this.read(key).catch(() => undefined)
      return seen.cached
    } catch (error) {
      throw await this.#lookedAt(key, body, error)
    } finally {
      call?.end()
    }
  }

  /**
   * A conflict of an object that nobody has changed is a refusal: an admission webhook may answer with the same status, and
   * no fresh look helps against it.
   */
  async #lookedAt(key: ObjectKey, body: readonly JsonPatchOperation[], error: unknown): Promise<unknown> {
    if (!(error instanceof KubernetesFailure)) return error
    if (error.kind !== 'conflict' && error.kind !== 'not-found') return error
    const now = await this.read(key)
    const found = now?.readable === true ? valueAt(now.object, 'metadata') : now
    const [uid, resourceVersion] = [textAt(found, 'uid'), textAt(found, 'resourceVersion')]
    const isRefused = error.kind === 'conflict' && meetsPreconditions(body, { uid, resourceVersion })
    return isRefused ? new KubernetesFailure('refused', error.message, error) : error
  }

  async #ask(call: ApiCall): Promise<DecodedObject<T>> {
    const seen = decodeTrimmed(await this.#options.connection.request(call), this.#options.parse)
    if (seen !== undefined) return seen
    throw new KubernetesFailure('unavailable', `${call.method} ${call.path}: no object`)
  }

  #cacheOf(key: ObjectKey): ObjectCache<T> | undefined {
    return this.#caches.get('') ?? this.#caches.get(splitKey(key).namespace)
  }

  #pathOf(key: ObjectKey, ...subresource: readonly string[]): string {
    const { namespace, name } = splitKey(key)
    return resourcePath(this.#options.resource, namespace, name, ...subresource)
  }
}
