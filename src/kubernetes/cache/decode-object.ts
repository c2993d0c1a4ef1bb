import type { Parsed } from '../../api/parse.ts'
import type { CachedObject } from '../../reconciler/ports.ts'
import { isJsonObject, listAt, numberAt, textAt, valueAt, type JsonObject } from '../client/json-value.ts'

export type Parse<T> = (value: unknown) => Parsed<T>

/** One object as the API server has just shown it. */
export interface DecodedObject<T> {
  readonly key: string
  readonly uid: string
  readonly version: bigint
  readonly cached: CachedObject<T>
  /** Its last finalizer has left while it was being deleted: the API server has removed it with this answer. */
  readonly removed: boolean
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * Reads an object. What `parse` refuses, or throws on, is a decoded object, too: a broken one must not stop the others.
 * Undefined when it has not even a name and a UID, which no API server sends.
 */
export function decodeObject<T>(value: unknown, parse: Parse<T>): DecodedObject<T> | undefined {
  const name = textAt(value, 'metadata', 'name')
  const uid = textAt(value, 'metadata', 'uid')
  const resourceVersion = textAt(value, 'metadata', 'resourceVersion')
  if (!isJsonObject(value) || name === undefined || uid === undefined || resourceVersion === undefined)
    return undefined
  const key = `${textAt(value, 'metadata', 'namespace') ?? ''}/${name}`
  const parsed = parseSafely(stripManagedFields(value), parse)
  const generation = numberAt(value, 'metadata', 'generation') ?? 0
  const managers = lastManagers(value)
  return {
    key,
    uid,
    version: versionOf(resourceVersion),
    cached: parsed.readable
      ? { key, managers, ...parsed }
      : { key, uid, generation, resourceVersion, managers, ...parsed },
    removed: isRemoved(value),
  }
}

/** Times are in seconds: of those that have written within the last one nobody knows which was the last. */
function lastManagers(value: JsonObject): readonly string[] {
  const entries = listAt(value, 'metadata', 'managedFields').map((entry) => ({
    manager: textAt(entry, 'manager') ?? '',
    time: textAt(entry, 'time') ?? '',
  }))
  const latest = entries.reduce((last, { time }) => (time > last ? time : last), '')
  return [...new Set(entries.filter(({ time }) => time === latest).map(({ manager }) => manager))]
}

function parseSafely<T>(value: JsonObject, parse: Parse<T>): Parsed<T> {
  try {
    return parse(value)
  } catch (error) {
    const problem = `reading it failed: ${error instanceof Error ? error.name : 'unknown'}`
    return { readable: false, problem, partial: undefined }
  }
}

/** Without what only other programs use: it is 20 to 40 % of an object, and the cache keeps what it is given. */
function stripManagedFields(value: JsonObject): JsonObject {
  const metadata = without(valueAt(value, 'metadata'), 'managedFields')
  const annotations = valueAt(metadata, 'annotations')
  if (!isJsonObject(annotations) || !(LAST_APPLIED in annotations)) return { ...value, metadata }
  // Its name stays: whether the map exists decides how a patch adds to it.
  return { ...value, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: '' } } }
}

const without = (value: unknown, member: string): JsonObject =>
  Object.fromEntries(Object.entries(isJsonObject(value) ? value : {}).filter(([name]) => name !== member))

const isRemoved = (value: JsonObject): boolean =>
  textAt(value, 'metadata', 'deletionTimestamp') !== undefined &&
  listAt(value, 'metadata', 'finalizers').length === 0

/**
 * A resourceVersion as a number. Kubernetes promises since 1.35 that those of one kind may be compared so, as long as
 * etcd's history is one; after a restore it is not, which is why numbers count within one session only.
 * 0 for what is no number, so that it never counts as newer.
 */
export function versionOf(resourceVersion: string | undefined): bigint {
  return resourceVersion !== undefined && /^\d{1,30}$/u.test(resourceVersion) ? BigInt(resourceVersion) : 0n
}
