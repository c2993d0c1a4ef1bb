import type { AccountState } from '../../src/reconciler/memory/account-registry.ts'
import type { SeenAttempt } from '../../src/reconciler/memory/attempt-log.ts'
import type { NameRecord } from '../../src/reconciler/memory/name-records.ts'
import type { ReconcileContext } from '../../src/reconciler/context.ts'
import { keyDigest } from '../../src/external/key-digest.ts'

/** The memory of a process as plain values, so that it can be compared, kept and brought back to life. */
export interface Memory {
  readonly calls: Readonly<Record<string, readonly unknown[][]>>
  readonly entries: readonly unknown[]
  readonly names: unknown
}

type Method = (...args: never[]) => unknown
type Log = Record<string, Method>

/** The parts of `ReconcileContext` that keep to themselves what they were told; the story of it is their content. */
const TOLD = {
  lastSeen: { forget: forgetSeen },
  witnesses: { forget: keepLastShown },
} as const satisfies Partial<Record<keyof ReconcileContext, { forget: Forget }>>
type ToldPart = keyof typeof TOLD

/** Known otherwise: handed in, rebuilt from the cache, or read as values. */
const PORTS = [
  ...['sinks', 'accounts', 'cluster', 'crds', 'events', 'leadership', 'connectTwilio', 'clock'],
  ...[
    'random',
    'serialise',
    'pause',
    'enqueue',
    'observer',
    'settings',
    'index',
    'registry',
    'names',
    'unreadable',
    'refusals',
    'contests',
  ],
]

type Told = readonly [method: string, ...args: unknown[]]
/** Leaves out what changes nothing any more. */
type Forget = (story: readonly Told[]) => readonly Told[]

export interface Recorder {
  read(): Memory
  restore(memory: Memory): void
}

/** Keeps account of what the memory of a process is told. Must be called before anything is. */
export function recordMemory(s: ReconcileContext): Recorder {
  const unknown = Object.keys(s).find((name) => !(name in TOLD) && !PORTS.includes(name))
  if (unknown !== undefined) {
    throw new Error(`test/model/memory.ts does not know how to keep ReconcileContext.${unknown}: tell it`)
  }
  const stories = new Map<ToldPart, Told[]>()
  for (const part of Object.keys(TOLD) as ToldPart[]) {
    const story: Told[] = []
    stories.set(part, story)
    listenIn(s[part] as unknown as Log, story)
  }
  return {
    read: () => ({
      calls: Object.fromEntries(
        [...stories].map(([part, story]) => [part, TOLD[part].forget(story)]),
      ) as never,
      entries: [...s.registry.all()].map(({ connection, ...entry }) =>
        plain({ ...entry, connection: connection?.credential }),
      ),
      names: plain(s.names),
    }),
    restore: ({ calls, entries, names }) => {
      for (const [part, story] of Object.entries(calls)) {
        const log = s[part as ToldPart] as unknown as Record<string, (...args: unknown[]) => unknown>
        retell(log, story as unknown as Told[])
      }
      for (const entry of entries) restoreEntry(s, alive(entry) as AccountState)
      restoreNames(s.names, alive(names) as SavedNames)
    },
  }
}

function retell(log: Record<string, (...args: unknown[]) => unknown>, story: readonly Told[]): void {
  for (const [method, ...args] of story) log[method]?.(...args)
}

const QUESTIONS = ['ofSink', 'ofMark', 'haveShown', 'kinOf', 'sinksOf', 'size']

function listenIn(log: Log, story: Told[]): void {
  for (const [name, method] of Object.entries(log)) {
    if (QUESTIONS.includes(name)) continue
    log[name] = (...args: unknown[]) => {
      story.push([name, ...(plain(args) as unknown[])])
      return (method as (...args: unknown[]) => unknown)(...args)
    }
  }
}

interface SavedNames {
  readonly records: ReadonlyMap<string, SavedRecord>
  /** In the order of departure. */
  readonly departed: ReadonlySet<string>
}

type SavedRecord = Pick<NameRecord, 'object' | 'departure'> & {
  readonly attempts: { readonly known: ReadonlyMap<number, SavedAttempt> }
}
type SavedAttempt = SeenAttempt & { readonly ended: boolean; readonly madeNothing?: boolean }

function restoreNames(names: ReconcileContext['names'], { records, departed }: SavedNames): void {
  for (const [key, { object, departure, attempts }] of records) {
    names.present(key, object ?? { uid: '', at: 0, born: false, touched: false })
    const record = names.of(key)
    if (object !== undefined) record.object = object
    record.departure = departure
    for (const attempt of attempts.known.values()) restoreAttempt(record.attempts, attempt)
  }
  for (const key of departed) {
    const { departure } = names.of(key)
    names.left(key, 0)
    names.of(key).departure = departure
  }
}

function restoreAttempt(log: NameRecord['attempts'], { ended, madeNothing, ...attempt }: SavedAttempt): void {
  log.recordSeen(attempt)
  if (madeNothing === true) log.madeNothing(attempt.number)
  else if (ended) log.ended(attempt.number)
}

function restoreEntry(s: ReconcileContext, saved: AccountState): void {
  const { name, accountSid, since, connection, ...rest } = saved
  const entry = s.registry.ensure(name, accountSid, since)
  const credential = connection as unknown as { username: string; password: string } | undefined
  Object.assign(entry, rest, {
    connection: credential && {
      credential,
      key: keyDigest(credential.username),
      api: s.connectTwilio({ name, accountSid, limits: () => accountSid }, credential),
    },
  })
}

/** Of each sink and description the last look counts, unless it is forgotten. */
function forgetSeen(story: readonly Told[]): readonly Told[] {
  const kept = new Map<string, Told>()
  const forgetBefore = (at: number): void => {
    for (const [key, seen] of kept) if ((seen[3] as number) < at) kept.delete(key)
  }
  const recordSeen = (
    { sid, description }: { sid: string; description: string },
    through: string,
    at: number,
  ): void => {
    const key = `${sid} ${description} ${through}`
    const before = (kept.get(key)?.[3] as number | undefined) ?? -1
    if (at > before) kept.set(key, ['recordSeen', { sid, description }, through, at])
  }
  for (const [method, first, through, at] of story) {
    if (method === 'recordSeen')
      recordSeen(first as Parameters<typeof recordSeen>[0], through as string, at as number)
    else if (method === 'forgetBefore') forgetBefore(first as number)
    else throw new Error(`LastSeen.${method} is not known to the model`)
  }
  return [...kept.values()].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

/**
 * What is shown again is known already; a story that is told in one order is one story. Of a key that no TwilioAccount
 * uses it counts since when.
 */
function keepLastShown(story: readonly Told[]): readonly Told[] {
  const kept = new Map<string, Told>()
  const unused = new Map<string, number>()
  const known = (): Set<string> => new Set([...kept.values()].map(([, key]) => String(key)))
  const keepOnly = (used: readonly string[], now: number, settled: number): void => {
    for (const key of known()) {
      const since = unused.get(key) ?? now
      if (used.includes(key)) unused.delete(key)
      else unused.set(key, since)
      if (used.includes(key) || since >= settled) continue
      unused.delete(key)
      for (const [which, [, shown]] of kept) if (shown === key) kept.delete(which)
    }
  }
  for (const told of story) {
    const [method, key, sid] = told
    if (method === 'shown') kept.set(`${String(key)} ${String(sid)}`, told)
    else if (method === 'forget') for (const one of sid as string[]) kept.delete(`${String(key)} ${one}`)
    else if (method === 'keepOnly') keepOnly(key as string[], sid as number, told[3] as number)
    else throw new Error(`Witnesses.${method} is not known to the model`)
  }
  const shown = [...kept].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, told]) => told)
  return [...shown, ...toldUnused([...known()].sort(), unused)]
}

/** The keys that became unused first are told of first: each later call names all that still were in use. */
function toldUnused(known: readonly string[], unused: ReadonlyMap<string, number>): Told[] {
  const times = [...new Set(known.flatMap((key) => unused.get(key) ?? []))].sort((a, b) => a - b)
  return times.map((at) => ['keepOnly', known.filter((key) => (unused.get(key) ?? Infinity) > at), at, 0])
}

/** What was logged last decides what is logged next, and nothing else: no state of its own. */
const OF_THE_LOG = ['loggedTrouble', 'loggedTroubles']

/** Maps and Sets as tagged lists: what is left is JSON. */
export function plain(value: unknown): unknown {
  if (value instanceof Map)
    return { $map: [...(value as Map<unknown, unknown>)].map(([key, one]) => [key, plain(one)]) }
  if (value instanceof Set) return { $set: [...(value as Set<unknown>)].map(plain) }
  if (Array.isArray(value)) return (value as unknown[]).map(plain)
  if (typeof value !== 'object' || value === null) return value
  const message = value instanceof Error ? { message: value.message } : {}
  return Object.fromEntries(
    Object.entries({ ...value, ...message })
      .filter(([key, one]) => one !== undefined && typeof one !== 'function' && !OF_THE_LOG.includes(key))
      .map(([key, one]) => [key, plain(one)]),
  )
}

export function alive(value: unknown): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map(alive)
  if (typeof value !== 'object' || value === null) return value
  const { $map, $set } = value as { $map?: [unknown, unknown][]; $set?: unknown[] }
  if ($map !== undefined) return new Map($map.map(([key, one]) => [key, alive(one)]))
  if ($set !== undefined) return new Set($set.map(alive))
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, alive(one)]))
}
