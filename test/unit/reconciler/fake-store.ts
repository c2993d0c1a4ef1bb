import {
  KubernetesFailure,
  type CachedObject,
  type JsonPatchOperation,
  type ObjectKey,
  type ObjectStore,
} from '../../../src/reconciler/ports.ts'
import { patched } from '../../model/json-patch.ts'

/** What the fake API server holds: any object as JSON. */
export type Stored = Record<string, unknown> & {
  metadata: Record<string, unknown> & { uid: string; resourceVersion: string }
}

export interface FakeStore<T> extends ObjectStore<T> {
  readonly stored: Map<ObjectKey, Stored>
  /** Writes as somebody else does; undefined takes the object away. The cache does not see it before `read`. */
  put(key: ObjectKey, object: Stored | undefined): void
  /** Called before each patch, so that a test can come in between. */
  before: (key: ObjectKey, operations: readonly JsonPatchOperation[]) => void
  patches: number
}

/** What the API server keeps of one kind; several processes may share it. */
export interface Backend {
  readonly stored: Map<ObjectKey, Stored>
  version: number
}

export const emptyBackend = (): Backend => ({ stored: new Map(), version: 0 })

/** An API server without watch: the cache learns by reads and by our own writes. */
export function fakeStore<T>(
  parse: (object: unknown) => CachedObject<T>,
  changed: (key: ObjectKey, held: CachedObject<T> | undefined) => void,
  backend = emptyBackend(),
): FakeStore<T> {
  const { stored } = backend
  const cache = new Map<ObjectKey, CachedObject<T>>()

  const take = (key: ObjectKey): CachedObject<T> | undefined => {
    const object = stored.get(key)
    const held = object && parse(structuredClone(object))
    if (held === undefined) cache.delete(key)
    else cache.set(key, held)
    changed(key, held)
    return held
  }

  const put = (key: ObjectKey, object: Stored | undefined): void => {
    // As at the API server, an object that is to be deleted leaves with its last finalizer.
    if (object === undefined || hasLeft(object)) stored.delete(key)
    else {
      backend.version += 1
      const resourceVersion = String(backend.version)
      stored.set(key, { ...object, metadata: { ...object.metadata, resourceVersion } })
    }
  }

  const patch = async (
    key: ObjectKey,
    operations: readonly JsonPatchOperation[],
  ): Promise<CachedObject<T>> => {
    store.patches += 1
    store.before(key, operations)
    const object = stored.get(key)
    const written = object === undefined ? undefined : patched(object, operations)
    if (written === undefined || written === 'conflict') {
      take(key)
      throw new KubernetesFailure(written ?? 'not-found', 'a test failed, or there is no such object')
    }
    put(key, written)
    return take(key) ?? parse(written)
  }

  const store: FakeStore<T> = {
    stored,
    put,
    before: () => undefined,
    patches: 0,
    get: (key) => cache.get(key),
    all: () => cache.values(),
    read: async (key) => take(key),
    patch,
    patchStatus: patch,
  }
  return store
}

const hasLeft = ({ metadata: { deletionTimestamp, finalizers } }: Stored): boolean =>
  deletionTimestamp !== undefined && (finalizers as readonly string[] | undefined)?.length === 0
