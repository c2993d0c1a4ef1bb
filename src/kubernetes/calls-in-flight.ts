import type { ObjectKey } from '../reconciler/ports.ts'
import type { ChangeOrigin, ForeignOrigin } from './object-change.ts'

/**
 * Which objects our calls are about at the moment. The watch may show a write of ours before its answer comes, and
 * only the answer says that it is ours. The change itself is never held back for that: only the question whose it was
 * waits until the last call about the object has ended.
 */
export interface CallsInFlight {
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

interface Flight {
  calls: number
  readonly own: Set<bigint>
  waiting: Arrival[]
}

export function createCallsInFlight(foreign: (key: ObjectKey, origin: ForeignOrigin) => void): CallsInFlight {
  const flights = new Map<ObjectKey, Flight>()
  const tell = (key: ObjectKey, { own, waiting }: Flight): void => {
    for (const { version, origin, present } of waiting)
      if (origin !== 'write' && !(present && own.has(version))) foreign(key, origin)
  }
  return {
    begin: (key) => {
      const flight = flights.get(key) ?? { calls: 0, own: new Set(), waiting: [] }
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
      tell(key, flight)
    },
    any: (key) => flights.has(key),
    arrived: (key, arrival) => {
      const flight = flights.get(key)
      if (flight !== undefined) flight.waiting.push(arrival)
      else if (arrival.origin !== 'write') foreign(key, arrival.origin)
    },
    sessionEnded: () => {
      for (const [key, flight] of flights) {
        tell(key, flight)
        flight.waiting = []
        flight.own.clear()
      }
    },
  }
}
