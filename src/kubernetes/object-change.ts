import type { CachedObject, ObjectKey } from '../reconciler/ports.ts'

/**
 * From where the cache learned of a change. `first-list`: found at the start, so nothing is known of its past.
 * `list`: found by a later LIST, after a gap. `watch`: seen as it happened. `write`, `read`: in an answer to us.
 */
export type ChangeOrigin = 'first-list' | 'list' | 'watch' | 'write' | 'read'

/** Of a change that was no write of our own. */
export type ForeignOrigin = Exclude<ChangeOrigin, 'write'>

/**
 * The cache holds something else for `key` than before. Of the same UID, or an object that replaced another.
 *
 * Guarantees: told in the turn in which the cache changes, and in order, so that a listener that keeps something up to
 * date always has what the cache has. For one key `before` is what was told last as `after`.
 */
export interface ObjectChange<T> {
  readonly key: ObjectKey
  readonly before: CachedObject<T> | undefined
  readonly after: CachedObject<T> | undefined
  /** A write of ours that the watch shows before its answer comes counts as `watch` here. */
  readonly origin: ChangeOrigin
  /** The watch showed its creation: it has no past that we do not know. */
  readonly born: boolean
}
