import { type Mark, type Owner, readMark } from '../external/ownership-mark.ts'
import type { ExternalSink } from '../external/external-sink.ts'
import type { KeyDigest } from '../external/key-digest.ts'

/**
 * When sinks and marks were last seen or written by this process; it outlives a change of key. A SID is known to one
 * account alone; a mark is text, which anybody can write in an account of their own: it counts for the keys that saw it.
 * Monotonic ms.
 */
export interface LastSeen {
  recordSeen(sink: ExternalSink, through: KeyDigest, at: number): void
  ofSink(sid: string): number | undefined
  /** Of all numbers above `above`, through one of these keys, on sinks that are not known to be gone. */
  ofMark(
    owner: Owner,
    above: number,
    through: ReadonlySet<KeyDigest>,
    isGone?: (sid: string) => boolean,
  ): number | undefined
  /** Forgets what was last seen before `at`: it is long settled. */
  forgetBefore(at: number): void
  /** How many sinks and names are remembered. */
  size(): number
}

/** One mark on one sink: a copy of it on another sink is another one. */
interface SeenMark {
  readonly sid: string
  readonly number: number
  readonly through: KeyDigest
  readonly at: number
}

export function createLastSeen(): LastSeen {
  const sids = new Map<string, number>()
  const marks = new Map<string, Map<string, SeenMark>>()
  const ownerKey = ({ installation, object }: Owner): string => `${installation}/${object}`

  const recordMark = (mark: Mark, sid: string, { through, at }: Pick<SeenMark, 'through' | 'at'>): void => {
    const seenMarks = marks.get(ownerKey(mark)) ?? new Map<string, SeenMark>()
    const { number } = mark
    const which = `${sid}/${number} ${through}`
    seenMarks.set(which, { sid, number, through, at: Math.max(at, seenMarks.get(which)?.at ?? 0) })
    marks.set(ownerKey(mark), seenMarks)
  }

  return {
    recordSeen: (sink, through, at) => {
      sids.set(sink.sid, Math.max(at, sids.get(sink.sid) ?? 0))
      const { mark } = readMark(sink.description)
      if (mark !== undefined) recordMark(mark, sink.sid, { through, at })
    },
    ofSink: (sid) => sids.get(sid),
    ofMark: (owner, above, through, isGone = () => false) => {
      const seenMarks = [...(marks.get(ownerKey(owner))?.values() ?? [])]
      const times = seenMarks
        .filter(({ sid, number }) => number > above && !isGone(sid))
        .filter((seenMark) => through.has(seenMark.through))
        .map(({ at }) => at)
      return times.length === 0 ? undefined : Math.max(...times)
    },
    forgetBefore: (at) => {
      for (const [sid, seenAt] of sids) if (seenAt < at) sids.delete(sid)
      for (const [owner, seenMarks] of marks) {
        for (const [which, seenMark] of seenMarks) if (seenMark.at < at) seenMarks.delete(which)
        if (seenMarks.size === 0) marks.delete(owner)
      }
    },
    size: () => sids.size + marks.size,
  }
}
