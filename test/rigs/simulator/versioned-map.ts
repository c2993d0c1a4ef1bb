import type { Clock } from './clock.ts'

/**
 * A map that can also be read as it was some time ago, up to `horizonMs`.
 * It keeps what each change replaced and undoes the younger changes for a reader who wants the past;
 * a write therefore costs the same however large the map is.
 */
export interface VersionedMap<T> {
  get(key: string, lagMs?: number): T | undefined
  values(lagMs?: number): T[]
  set(key: string, value: T): void
  delete(key: string): void
  readonly size: number
}

interface Change<T> {
  readonly at: number
  readonly key: string
  readonly before: T | undefined
}

const DEFAULT_HORIZON_MS = 600_000

export function createVersionedMap<T>(clock: Clock, horizonMs = DEFAULT_HORIZON_MS): VersionedMap<T> {
  const current = new Map<string, T>()
  let changes: Change<T>[] = []

  const remember = (key: string): void => {
    const at = clock()
    const oldest = changes[0]
    if (oldest && oldest.at < at - 2 * horizonMs) changes = changes.filter((c) => c.at >= at - horizonMs)
    changes.push({ at, key, before: current.get(key) })
  }

  const asOf = (lagMs: number): Map<string, T> => {
    if (lagMs <= 0) return current
    const past = new Map(current)
    const limit = clock() - lagMs
    for (const change of changes.toReversed()) {
      if (change.at <= limit) break
      if (change.before === undefined) past.delete(change.key)
      else past.set(change.key, change.before)
    }
    return past
  }

  return {
    get: (key, lagMs = 0) => asOf(lagMs).get(key),
    values: (lagMs = 0) => [...asOf(lagMs).values()],
    set: (key, value) => {
      remember(key)
      current.set(key, value)
    },
    delete: (key) => {
      remember(key)
      current.delete(key)
    },
    get size() {
      return current.size
    },
  }
}
