import type { ObjectKey } from '../reconciler/ports.ts'
import type { ObjectChange } from './object-change.ts'

/**
 * Which objects our calls are about at the moment. The watch may show a write of ours before its answer comes, and
 * only the answer tells that it is ours; so changes of such an object are told when the last call about it has ended.
 */
export interface CallsInFlight<T> {
  begin(key: ObjectKey): void
  /** A write about `key` was answered with this version. */
  own(key: ObjectKey, version: bigint): void
  end(key: ObjectKey): void
  any(key: ObjectKey): boolean
  /** Tells of a change that led to `version`, now or later. */
  tell(change: ObjectChange<T>, version: bigint): void
}

interface Flight<T> {
  calls: number
  readonly own: Set<bigint>
  readonly untold: { readonly change: ObjectChange<T>; readonly version: bigint }[]
}

export function createCallsInFlight<T>(emit: (change: ObjectChange<T>) => void): CallsInFlight<T> {
  const flights = new Map<ObjectKey, Flight<T>>()
  return {
    begin: (key) => {
      const flight = flights.get(key) ?? { calls: 0, own: new Set(), untold: [] }
      flight.calls += 1
      flights.set(key, flight)
    },
    own: (key, version) => {
      flights.get(key)?.own.add(version)
    },
    end: (key) => {
      const flight = flights.get(key)
      if (flight === undefined) return
      flight.calls -= 1
      if (flight.calls > 0) return
      flights.delete(key)
      for (const { change, version } of flight.untold) {
        emit(flight.own.has(version) && change.after !== undefined ? { ...change, origin: 'write' } : change)
      }
    },
    any: (key) => flights.has(key),
    tell: (change, version) => {
      const flight = flights.get(change.key)
      if (flight === undefined) emit(change)
      else flight.untold.push({ change, version })
    },
  }
}
