import type { Mark, Owner } from '../sink/ownership-mark.ts'
import type { ExternalSink } from '../sink/external-sink.ts'
import { readMark } from '../sink/ownership-mark.ts'

/** When sinks and marks were last seen or written by this process; it outlives a change of key. Monotonic ms. */
export interface SightLog {
  saw(sink: ExternalSink, at: number): void
  lastSeen(sid: string): number | undefined
  /** Of all numbers above `above`. */
  lastMarkSeen(owner: Owner, above: number): number | undefined
  /** Forgets what was last seen before `at`: it is long settled. */
  forgetBefore(at: number): void
}

export function createSightLog(): SightLog {
  const sids = new Map<string, number>()
  const marks = new Map<string, Map<number, number>>()
  const ownerKey = ({ installation, object }: Owner) => `${installation}/${object}`

  const sawMark = (mark: Mark, at: number): void => {
    const numbers = marks.get(ownerKey(mark)) ?? new Map<number, number>()
    numbers.set(mark.number, Math.max(at, numbers.get(mark.number) ?? 0))
    marks.set(ownerKey(mark), numbers)
  }

  return {
    saw: (sink, at) => {
      sids.set(sink.sid, Math.max(at, sids.get(sink.sid) ?? 0))
      const { mark } = readMark(sink.description)
      if (mark !== undefined) sawMark(mark, at)
    },
    lastSeen: (sid) => sids.get(sid),
    lastMarkSeen: (owner, above) => {
      const numbers = marks.get(ownerKey(owner)) ?? []
      const times = [...numbers].filter(([number]) => number > above).map(([, at]) => at)
      return times.length === 0 ? undefined : Math.max(...times)
    },
    forgetBefore: (at) => {
      for (const [sid, seenAt] of sids) if (seenAt < at) sids.delete(sid)
      for (const [owner, numbers] of marks) {
        for (const [number, seenAt] of numbers) if (seenAt < at) numbers.delete(number)
        if (numbers.size === 0) marks.delete(owner)
      }
    },
  }
}
