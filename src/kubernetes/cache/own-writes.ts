import type { ObjectKey, CachedObject } from '../../reconciler/ports.ts'

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

/**
 * Which objects our calls are about at the moment. The watch may show a write of ours before its answer comes, and
 * only the answer says that it is ours. The change itself is never held back for that: only the question whose it was
 * waits until the last call about the object has ended.
 */
export interface OwnWrites {
  begin(key: ObjectKey): void
  /** A write about `key` was answered with this version. */
  own(key: ObjectKey, version: bigint): void
  end(key: ObjectKey): void
  any(key: ObjectKey): boolean
  /** The cache has learned something; `foreign` follows now or later, unless it was a write of ours. */
  arrived(key: ObjectKey, arrival: Arrival): void
  /** A LIST is complete: from now on versions may mean something else, so nothing waits for an answer any more. */
  sessionEnded(): void
}

export interface Arrival {
  readonly version: bigint
  readonly origin: ChangeOrigin
  /** It is there; a removal that only the watch has shown is never taken for ours. */
  readonly present: boolean
}

interface PendingCalls {
  calls: number
  readonly own: Set<bigint>
  waiting: Arrival[]
}

export function createOwnWrites(foreign: (key: ObjectKey, origin: ForeignOrigin) => void): OwnWrites {
  const pending = new Map<ObjectKey, PendingCalls>()
  const tell = (key: ObjectKey, { own, waiting }: PendingCalls): void => {
    for (const { version, origin, present } of waiting)
      if (origin !== 'write' && !(present && own.has(version))) foreign(key, origin)
  }
  return {
    begin: (key) => {
      const one = pending.get(key) ?? { calls: 0, own: new Set(), waiting: [] }
      one.calls += 1
      pending.set(key, one)
    },
    own: (key, version) => {
      pending.get(key)?.own.add(version)
    },
    end: (key) => {
      const one = pending.get(key)
      if (one === undefined) return
      one.calls -= 1
      if (one.calls > 0) return
      pending.delete(key)
      tell(key, one)
    },
    any: (key) => pending.has(key),
    arrived: (key, arrival) => {
      const one = pending.get(key)
      if (one !== undefined) one.waiting.push(arrival)
      else if (arrival.origin !== 'write') foreign(key, arrival.origin)
    },
    sessionEnded: () => {
      for (const [key, one] of pending) {
        tell(key, one)
        one.waiting = []
        one.own.clear()
      }
    },
  }
}
