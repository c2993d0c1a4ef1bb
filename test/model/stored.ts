import type { Sink } from '../../src/api/sink.ts'
import type { CachedObject } from '../../src/reconciler/ports.ts'

interface Stored {
  readonly metadata: Sink['metadata']
}

export const versionOf = (object: Stored | undefined): number =>
  object === undefined ? 0 : Number(object.metadata.resourceVersion)

/** With its last finalizer an object that is being deleted goes. */
export const leaving = ({ metadata }: Stored): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.finalizers.length === 0

export function heldOf<T>(
  key: string,
  object: T | undefined,
): (CachedObject<T> & { readable: true }) | undefined {
  return object === undefined ? undefined : { readable: true, key, object }
}
