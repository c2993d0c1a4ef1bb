import type { ObjectEvent } from '../../reconciler/ports.ts'

/** What is to be sent for an event that was emitted. */
export type EventSending =
  | { readonly kind: 'create'; readonly name: string; readonly event: ObjectEvent }
  /** The event under `name` happened `count` times by now. */
  | { readonly kind: 'repeat'; readonly name: string; readonly event: ObjectEvent; readonly count: number }
  /** A repetition that is only counted: the next one that is sent includes it. */
  | { readonly kind: 'none' }

export interface EventSeries {
  /** `now`: monotonic milliseconds. `freshName` is used when this event is no repetition. */
  next(event: ObjectEvent, now: number, freshName: string): EventSending
  /** The API server does not have the event under this name: the next one is new. */
  forget(event: ObjectEvent): void
}

/** Equal events this close to each other are one that happened several times. */
const SERIES_MS = 10 * 60_000
/** Repetitions are written at most this often. */
const REPEAT_MS = 60_000
const MAX_SERIES = 4096

interface Series {
  readonly name: string
  readonly count: number
  readonly seenAt: number
  readonly sentAt: number
}

/** Recognises repetitions: the same words about the same object within ten minutes of each other. */
export function createEventSeries(): EventSeries {
  const all = new Map<string, Series>()

  const remember = (key: string, series: Series): void => {
    all.delete(key)
    all.set(key, series)
    // Seen longest ago first: what is over cannot be repeated any more.
    for (const [oldest, { seenAt }] of all) {
      if (all.size <= MAX_SERIES && series.seenAt - seenAt <= SERIES_MS) break
      all.delete(oldest)
    }
  }

  return {
    next: (event, now, freshName) => {
      const key = keyOf(event)
      const before = all.get(key)
      if (before === undefined || now - before.seenAt > SERIES_MS) {
        remember(key, { name: freshName, count: 1, seenAt: now, sentAt: now })
        return { kind: 'create', name: freshName, event }
      }
      const { name } = before
      const count = before.count + 1
      const isDue = count === 2 || now - before.sentAt >= REPEAT_MS
      remember(key, { name, count, seenAt: now, sentAt: isDue ? now : before.sentAt })
      return isDue ? { kind: 'repeat', name, event, count } : { kind: 'none' }
    },
    forget: (event) => {
      all.delete(keyOf(event))
    },
  }
}

const keyOf = ({ uid, type, reason, action, note }: ObjectEvent): string =>
  JSON.stringify([uid, type, reason, action, note])
