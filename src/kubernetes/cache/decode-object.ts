import {
  ALLOW_MASS_CHANGE_ANNOTATION,
  CREATE_ATTEMPT_ANNOTATION,
  FINALIZER,
  FLUX_RECONCILE_REQUESTED_AT_ANNOTATION,
  RECONCILE_REQUESTED_AT_ANNOTATION,
  TEST_REQUESTED_AT_ANNOTATION,
  VALIDATE_ANNOTATION,
} from '../../api/group.ts'
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
  const parsed = parseSafely(withoutManagedFields(value), parse)
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

const withoutManagedFields = (value: JsonObject): JsonObject => ({
  ...value,
  metadata: without(valueAt(value, 'metadata'), 'managedFields'),
})

/** What a reconcile reads of annotations. */
const READ: readonly string[] = [
  CREATE_ATTEMPT_ANNOTATION,
  RECONCILE_REQUESTED_AT_ANNOTATION,
  FLUX_RECONCILE_REQUESTED_AT_ANNOTATION,
  TEST_REQUESTED_AT_ANNOTATION,
  VALIDATE_ANNOTATION,
  ALLOW_MASS_CHANGE_ANNOTATION,
]
/** Far above what any of them needs: the longest is the journal of a create. */
const LONGEST_ANNOTATION = 4096

/**
 * As `decodeObject`, without what no reconcile reads: an object may have more than a megabyte of it, and the cache keeps
 * what it is given.
 */
export const decodeTrimmed = <T>(value: unknown, parse: Parse<T>): DecodedObject<T> | undefined =>
  decodeObject(isJsonObject(value) ? { ...value, metadata: trimmed(value) } : value, parse)

function trimmed(value: JsonObject): JsonObject {
  const metadata = without(valueAt(value, 'metadata'), 'labels')
  const annotations = valueAt(metadata, 'annotations')
  return {
    ...metadata,
    ...(isJsonObject(annotations) && { annotations: ownAnnotations(annotations) }),
    // Their number and order stay: ours is removed by its place.
    finalizers: listAt(metadata, 'finalizers').map((name) => (name === FINALIZER ? name : '')),
  }
}

/** A value that is too long is as good as none; a part of it would keep all of it in memory. */
function ownAnnotations(annotations: JsonObject): JsonObject {
  const kept: Record<string, unknown> = {}
  for (const name of READ) {
    const text = annotations[name]
    if (text !== undefined) kept[name] = isTooLong(text) ? '' : text
  }
  const [stranger] = Object.keys(annotations)
  // One name stays: whether the map exists decides how a patch adds to it.
  return Object.keys(kept).length === 0 && stranger !== undefined ? { [stranger]: '' } : kept
}

const isTooLong = (text: unknown): boolean => typeof text === 'string' && text.length > LONGEST_ANNOTATION

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
