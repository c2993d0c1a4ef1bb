import type { Mark, Owner } from '../sink/ownership-mark.ts'
import type { ExternalSink } from '../sink/external-sink.ts'
import { readMark } from '../sink/ownership-mark.ts'
import type { KeyDigest } from '../sink/key-digest.ts'

/**
 * When sinks and marks were last seen or written by this process; it outlives a change of key. A SID is known to one
 * account alone; a mark is text, which anybody can write in an account of their own: it counts for the keys that saw it.
 * Monotonic ms.
 */
export interface SightLog {
  saw(sink: ExternalSink, through: KeyDigest, at: number): void
  lastSeen(sid: string): number | undefined
  /** Of all numbers above `above`, through one of these keys, on sinks that are not known to be gone. */
  lastMarkSeen(
    owner: Owner,
    above: number,
    through: ReadonlySet<KeyDigest>,
    isGone?: (sid: string) => boolean,
  ): number | undefined
  /** Forgets what was last seen before `at`: it is long settled. */
  forgetBefore(at: number): void
}

/** One mark on one sink: a copy of it on another is a sight of its own. */
interface MarkSight {
  readonly sid: string
  readonly number: number
  readonly through: KeyDigest
  readonly at: number
}

export function createSightLog(): SightLog {
  const sids = new Map<string, number>()
  const marks = new Map<string, Map<string, MarkSight>>()
  const ownerKey = ({ installation, object }: Owner): string => `${installation}/${object}`

  const sawMark = (mark: Mark, sid: string, { through, at }: Pick<MarkSight, 'through' | 'at'>): void => {
    const sights = marks.get(ownerKey(mark)) ?? new Map<string, MarkSight>()
    const { number } = mark
    const which = `${sid}/${number} ${through}`
    sights.set(which, { sid, number, through, at: Math.max(at, sights.get(which)?.at ?? 0) })
    marks.set(ownerKey(mark), sights)
  }

  return {
    saw: (sink, through, at) => {
      sids.set(sink.sid, Math.max(at, sids.get(sink.sid) ?? 0))
      const { mark } = readMark(sink.description)
      if (mark !== undefined) sawMark(mark, sink.sid, { through, at })
    },
    lastSeen: (sid) => sids.get(sid),
    lastMarkSeen: (owner, above, through, isGone = () => false) => {
      const sights = [...(marks.get(ownerKey(owner))?.values() ?? [])]
      const times = sights
        .filter(({ sid, number }) => number > above && !isGone(sid))
        .filter((sight) => through.has(sight.through))
        .map(({ at }) => at)
      return times.length === 0 ? undefined : Math.max(...times)
    },
    forgetBefore: (at) => {
      for (const [sid, seenAt] of sids) if (seenAt < at) sids.delete(sid)
      for (const [owner, sights] of marks) {
        for (const [which, sight] of sights) if (sight.at < at) sights.delete(which)
        if (sights.size === 0) marks.delete(owner)
      }
    },
  }
}
