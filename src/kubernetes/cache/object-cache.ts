import { isDeepStrictEqual } from 'node:util'
import type { CachedObject, ObjectKey } from '../../reconciler/ports.ts'
import { OwnWrites, type ChangeOrigin, type ObjectChange } from './own-writes.ts'
import type { DecodedObject } from './decode-object.ts'

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** One call of ours about one object. */
export interface CacheCall<T> {
  /**
   * Takes the answer in. `overlapped`: a LIST was completed since the call began, so that nobody knows which of the
   * two is newer; the answer was left out and the caller asks again.
   */
  answered(seen: DecodedObject<T>, origin: 'write' | 'read'): 'taken' | 'overlapped'
  /** The API server says that the object does not exist. */
  absent(): void
  end(): void
}

interface Entry<T> {
  readonly uid: string
  readonly version: bigint
  /** Undefined: removed at this version. Such an entry stays only as long as something older may still arrive. */
  readonly cached: CachedObject<T> | undefined
  /** The watch has shown the removal, so only answers to running calls may still be older. */
  readonly final?: true
}

/**
 * The objects of one list-watch. Pure: no I/O, no clock.
 *
 * Guarantees
 * - Within a session, the time from one complete LIST to the next, an object never becomes older than it was.
 * - What a call of ours was answered with is here when the call ends, unless something newer is; it also survives a
 *   LIST that was under way meanwhile and does not include it.
 * - A change is told at once and in order, whatever calls are under way: see `ObjectChange`.
 * - A write of ours is never told as foreign within a session, also when the watch is faster than the answer.
 * - An object that was removed does not come back through an answer or event that is older than its removal.
 * - A LIST replaces everything, whatever the numbers: after a restore of etcd they begin again lower.
 *
 * Assumption: within a session, resourceVersions of the kind grow with each change.
 */
export class ObjectCache<T> {
  readonly #changed: (change: ObjectChange<T>) => void
  readonly #foreign: (change: ObjectChange<T>) => void
  readonly #calls: OwnWrites<T>
  #entries = new Map<ObjectKey, Entry<T>>()
  /** What our calls were answered with while a LIST is running. */
  #duringList: Map<ObjectKey, Entry<T>> | undefined
  /** How many LISTs have been complete. */
  #session = 0

  /** `foreign` is called for each change that was no write of ours, as soon as that is known. */
  constructor(changed: (change: ObjectChange<T>) => void, foreign: (change: ObjectChange<T>) => void) {
    this.#changed = changed
    this.#foreign = foreign
    this.#calls = new OwnWrites(foreign)
  }

  get(key: ObjectKey): CachedObject<T> | undefined {
    return this.#entries.get(key)?.cached
  }

  *values(): Iterable<CachedObject<T>> {
    for (const { cached } of this.#entries.values()) if (cached !== undefined) yield cached
  }

  /** Whether a LIST has ever been complete. */
  get synced(): boolean {
    return this.#session > 0
  }

  /** Entries in memory, also those that only remember a removal. */
  get size(): number {
    return this.#entries.size
  }

  /** MUST be called before a LIST is sent. */
  listBegan(): void {
    this.#duringList = new Map()
  }

  /** A LIST is complete: a new session. `version` is the LIST's own. */
  replace(listed: readonly DecodedObject<T>[], version: bigint): void {
    const before = this.#entries
    const entries = new Map(listed.map((seen) => [seen.key, entryOf(seen)]))
    for (const [key, entry] of this.#duringList ?? []) {
      if (isMissingFrom(entries.get(key), version, entry)) entries.set(key, entry)
    }
    this.#entries = entries
    this.#duringList = undefined
    this.#session += 1
    this.#calls.sessionEnded()
    const origin = this.#session === 1 ? 'first-list' : 'list'
    for (const change of differences(before, entries, origin)) {
      this.#changed(change)
      this.#foreign(change)
    }
  }

  observe(type: WatchEventType, seen: DecodedObject<T>): void {
    const before = this.#entries.get(seen.key)
    if (type === 'DELETED') {
      // Not `isNewer`: the answer that removed the object may carry the same version.
      if (before !== undefined && seen.version < before.version) return
      this.#put(seen.key, { uid: seen.uid, version: seen.version, cached: undefined, final: true }, 'watch')
      this.#forgetRemoved(seen.key)
      return
    }
    if (!isNewer(seen, before)) return
    this.#put(seen.key, entryOf(seen), 'watch', type === 'ADDED' && before?.cached === undefined)
  }

  /** MUST be called before a call about `key` is sent, and `end` after it. */
  begin(key: ObjectKey): CacheCall<T> {
    const began = { session: this.#session, entry: this.#entries.get(key) }
    this.#calls.begin(key)
    return {
      answered: (seen, origin) => {
        if (began.session !== this.#session) return 'overlapped'
        const isGone = origin === 'write' && seen.removed
        this.#take(key, isGone ? { ...entryOf(seen), cached: undefined } : entryOf(seen), origin)
        return 'taken'
      },
      absent: () => {
        // What came meanwhile is newer.
        if (began.entry === undefined || this.#entries.get(key) !== began.entry) return
        this.#put(key, { ...began.entry, cached: undefined }, 'read')
      },
      end: () => {
        this.#calls.end(key)
        this.#forgetRemoved(key)
      },
    }
  }

  #take(key: ObjectKey, entry: Entry<T>, origin: 'write' | 'read'): void {
    this.#duringList?.set(key, entry)
    if (origin === 'write') this.#calls.own(key, entry.version)
    if (supersedes(entry, this.#entries.get(key))) this.#put(key, entry, origin)
  }

  #put(key: ObjectKey, entry: Entry<T>, origin: ChangeOrigin, born = false): void {
    const before = this.#entries.get(key)
    this.#entries.set(key, entry)
    if (before?.cached === undefined && entry.cached === undefined) return
    const change = { key, before: before?.cached, after: entry.cached, origin, born }
    this.#changed(change)
    this.#calls.arrived({ version: entry.version, change })
  }

  #forgetRemoved(key: ObjectKey): void {
    if (this.#entries.get(key)?.final === true && !this.#calls.any(key)) this.#entries.delete(key)
  }
}

const entryOf = <T>({ uid, version, cached }: DecodedObject<T>): Entry<T> => ({ uid, version, cached })

/** An object that leaves with its last finalizer is answered with the version that it had before. */
const supersedes = <T>(one: Entry<T>, other: Entry<T> | undefined): boolean =>
  isNewer(one, other) || (one.cached === undefined && one.version === other?.version)

/** Whether a LIST of `version`, which holds `listed`, is older than what a call was answered with. */
const isMissingFrom = <T>(listed: Entry<T> | undefined, version: bigint, answer: Entry<T>): boolean =>
  answer.cached === undefined
    ? listed !== undefined && listed.version <= answer.version
    : answer.version > version

const isNewer = (
  one: { readonly version: bigint },
  other: { readonly version: bigint } | undefined,
): boolean => other === undefined || one.version > other.version

/** After a restore of etcd the same version may stand for something else. */
const isSame = <T>(old: Entry<T> | undefined, present: Entry<T> | undefined): boolean =>
  old?.uid === present?.uid &&
  old?.version === present?.version &&
  isDeepStrictEqual(old?.cached, present?.cached)

function* differences<T>(
  before: ReadonlyMap<ObjectKey, Entry<T>>,
  after: ReadonlyMap<ObjectKey, Entry<T>>,
  origin: ChangeOrigin,
): Iterable<ObjectChange<T>> {
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, present] = [before.get(key), after.get(key)]
    if (old?.cached === undefined && present?.cached === undefined) continue
    if (isSame(old, present)) continue
    yield { key, before: old?.cached, after: present?.cached, origin, born: false }
  }
}
