import type { Held, ObjectKey } from '../reconciler/ports.ts'

/**
 * From where the cache learned of a change. `first-list`: found at the start, so nothing is known of its past.
 * `list`: found by a later LIST, after a gap. `watch`: seen as it happened. `write`, `read`: in an answer to us.
 */
export type ChangeOrigin = 'first-list' | 'list' | 'watch' | 'write' | 'read'

/** The cache holds something else for `key` than before. Of the same UID, or an object that replaced another. */
export interface ObjectChange<T> {
  readonly key: ObjectKey
  readonly before: Held<T> | undefined
  readonly after: Held<T> | undefined
  readonly origin: ChangeOrigin
  /** The watch showed its creation: it has no past that we do not know. */
  readonly born: boolean
}
