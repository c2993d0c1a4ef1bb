import {
  ObjectCache,
  type CacheCall,
  type WatchEventType,
} from '../../../../src/kubernetes/cache/object-cache.ts'
import type { ObjectChange } from '../../../../src/kubernetes/cache/own-writes.ts'
import type { DecodedObject } from '../../../../src/kubernetes/cache/decode-object.ts'
import type { CachedObject } from '../../../../src/reconciler/ports.ts'

/**
 * An API server with two names, and a cache that watches it: events and answers come late, the watch breaks, LISTs take
 * their time, and etcd is put back to an earlier state, after which versions begin again lower.
 */
export const NAMES = ['n/a', 'n/b'] as const
type Name = (typeof NAMES)[number]

export const STEPS = [
  'change',
  'remove',
  'deliver',
  'write',
  'write-last-finalizer',
  'read',
  'answer',
  'list',
  'listed',
  'restore',
] as const
export type Step = readonly [(typeof STEPS)[number], Name]

interface Stored {
  readonly uid: string
  readonly version: number
}

interface Logged {
  readonly type: WatchEventType
  readonly name: Name
  readonly stored: Stored
}

export interface Listeners<T> {
  readonly changed: (change: ObjectChange<T>) => void
  readonly foreign?: (change: ObjectChange<T>) => void
}

export function cacheWorld<T>(
  make: (name: Name, stored: Stored) => CachedObject<T>,
  listeners: Listeners<T>,
) {
  const cache = new ObjectCache<T>(listeners.changed, listeners.foreign ?? (() => undefined))
  let server = { version: 1, objects: new Map<Name, Stored>() }
  let saved = server
  let uids = 0
  let log: Logged[] = []
  let events: Logged[] = []
  let watching = false
  let listing: { readonly version: number; readonly items: readonly [Name, Stored][] } | undefined
  let answers: { readonly work: () => void; readonly call: CacheCall<T> }[] = []

  const see = (name: Name, stored: Stored, removed = false): DecodedObject<T> => ({
    key: name,
    uid: stored.uid,
    version: BigInt(stored.version),
    cached: make(name, stored),
    removed,
  })
  const store = (name: Name, uid: string | undefined): Stored | undefined => {
    const before = server.objects.get(name)
    const stored = { uid: uid ?? before?.uid ?? '', version: server.version + 1 }
    const objects = new Map(server.objects)
    if (uid === undefined) objects.delete(name)
    else objects.set(name, stored)
    server = { version: stored.version, objects }
    const kind = uid === undefined ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED'
    const event = { type: kind, name, stored } as const
    log.push(event)
    if (watching) events.push(event)
    return stored
  }
  const readNow = (name: Name, call: CacheCall<T>): void => {
    const stored = server.objects.get(name)
    if (stored === undefined) call.absent()
    else call.answered(see(name, stored), 'read')
  }
  /** As the store does: what a LIST has come in between of is asked for again. */
  const answered = (name: Name, call: CacheCall<T>, seen: DecodedObject<T>, origin: 'write' | 'read') => {
    if (call.answered(seen, origin) === 'taken') return
    const again = cache.begin(name)
    readNow(name, again)
    again.end()
  }
  const later = (call: CacheCall<T>, work: () => void): void => void answers.push({ call, work })
  const write = (name: Name, removing: boolean): void => {
    const call = cache.begin(name)
    const before = server.objects.get(name)
    if (before === undefined) return later(call, () => undefined)
    // The answer to the removal of the last finalizer carries the version from before.
    const stored = removing ? before : (store(name, before.uid) ?? before)
    if (removing) store(name, undefined)
    const seen = see(name, stored, removing)
    later(call, () => answered(name, call, seen, 'write'))
  }
  const finishList = (): void => {
    if (listing === undefined) return
    const { version, items } = listing
    listing = undefined
    cache.replace(
      items.map(([name, stored]) => see(name, stored)),
      BigInt(version),
    )
    events = log.filter(({ stored }) => stored.version > version)
    watching = true
  }
  const restore = (): void => {
    ;[server, saved] = [saved, server]
    log = log.filter(({ stored }) => stored.version <= server.version)
    ;[events, watching, listing] = [[], false, undefined]
    // The API server restarts: calls that wait for an answer get none.
    for (const { call } of answers) call.end()
    answers = []
  }
  const answer = (): void => {
    const next = answers.shift()
    next?.work()
    next?.call.end()
  }

  const perform: Record<Step[0], (name: Name) => void> = {
    change: (name) => store(name, server.objects.get(name)?.uid ?? `uid-${(uids += 1)}`),
    remove: (name) => server.objects.has(name) && store(name, undefined),
    deliver: () => {
      const event = watching ? events.shift() : undefined
      if (event !== undefined) cache.observe(event.type, see(event.name, event.stored))
    },
    write: (name) => write(name, false),
    'write-last-finalizer': (name) => write(name, true),
    read: (name) => {
      const call = cache.begin(name)
      const stored = server.objects.get(name)
      later(call, () =>
        stored === undefined ? call.absent() : answered(name, call, see(name, stored), 'read'),
      )
    },
    answer,
    list: () => {
      watching = false
      cache.listBegan()
      listing = { version: server.version, items: [...server.objects] }
    },
    listed: finishList,
    restore,
  }

  return {
    cache,
    step: ([kind, name]: Step): void => void perform[kind](name),
    /** Everything that is late arrives. */
    settle: (): void => {
      while (answers.length > 0) answer()
      if (!watching) {
        perform.list(NAMES[0])
        finishList()
      }
      while (events.length > 0) perform.deliver(NAMES[0])
    },
    /** What the cache should hold once all is settled. */
    truth: (): ReadonlyMap<string, CachedObject<T>> =>
      new Map([...server.objects].map(([name, stored]) => [name, make(name, stored)])),
  }
}
