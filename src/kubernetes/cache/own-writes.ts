import type { ObjectKey, CachedObject } from '../../reconciler/ports.ts'

/**
 * From where the cache learned of a change. `first-list`: found at the start, so nothing is known of its past.
 * `list`: found by a later LIST, after a gap. `watch`: seen as it happened. `write`, `read`: in an answer to us.
 */
export type ChangeOrigin = 'first-list' | 'list' | 'watch' | 'write' | 'read'

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

export interface Arrival<T> {
  readonly version: bigint
  readonly change: ObjectChange<T>
}

interface PendingCalls<T> {
  calls: number
  readonly own: Set<bigint>
  waiting: Arrival<T>[]
}

/**
 * Which objects our calls are about at the moment. The watch may show a write of ours before its answer comes, and
 * only the answer says that it is ours. The change itself is never held back for that: only the question whose it was
 * waits until the last call about the object has ended.
 */
export class OwnWrites<T> {
  private readonly pending = new Map<ObjectKey, PendingCalls<T>>()
  private readonly foreign: (change: ObjectChange<T>) => void

  constructor(foreign: (change: ObjectChange<T>) => void) {
    this.foreign = foreign
  }

  begin(key: ObjectKey): void {
    const one = this.pending.get(key) ?? { calls: 0, own: new Set(), waiting: [] }
    one.calls += 1
    this.pending.set(key, one)
  }

  /** A write about `key` was answered with this version. */
  own(key: ObjectKey, version: bigint): void {
    this.pending.get(key)?.own.add(version)
  }

  end(key: ObjectKey): void {
    const one = this.pending.get(key)
    if (one === undefined) return
    one.calls -= 1
    if (one.calls > 0) return
    this.pending.delete(key)
    this.tell(one)
  }

  any(key: ObjectKey): boolean {
    return this.pending.has(key)
  }

  /** The cache has learned of a change; `foreign` follows now or later, unless it was a write of ours. */
  arrived(arrival: Arrival<T>): void {
    const { change } = arrival
    const one = this.pending.get(change.key)
    if (one !== undefined) one.waiting.push(arrival)
    else if (change.origin !== 'write') this.foreign(change)
  }

  /** A LIST is complete: from now on versions may mean something else, so nothing waits for an answer any more. */
  sessionEnded(): void {
    for (const one of this.pending.values()) {
      this.tell(one)
      one.waiting = []
      one.own.clear()
    }
  }

  private tell({ own, waiting }: PendingCalls<T>): void {
    for (const { version, change } of waiting) {
      // A removal that only the watch has shown is never taken for ours.
      const isOwn = change.origin === 'write' || (change.after !== undefined && own.has(version))
      if (!isOwn) this.foreign(change)
    }
  }
}
