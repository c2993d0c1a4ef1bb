import type { ObjectEvent } from '../../reconciler/ports.ts'

/** What is to be sent for an event that was emitted. */
export type EventSending =
  | { readonly kind: 'create'; readonly name: string; readonly event: ObjectEvent }
  /** The event under `name` happened `count` times by now. */
  | { readonly kind: 'repeat'; readonly name: string; readonly event: ObjectEvent; readonly count: number }
  /** A repetition that is only counted: the next one that is sent includes it. */
  | { readonly kind: 'none' }

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
export class EventSeries {
  readonly #all = new Map<string, Series>()

  /** `now`: monotonic milliseconds. `freshName` is used when this event is no repetition. */
  next(event: ObjectEvent, now: number, freshName: string): EventSending {
    const key = keyOf(event)
    const before = this.#all.get(key)
    if (before === undefined || now - before.seenAt > SERIES_MS) {
      this.#remember(key, { name: freshName, count: 1, seenAt: now, sentAt: now })
      return { kind: 'create', name: freshName, event }
    }
    const { name } = before
    const count = before.count + 1
    const isDue = count === 2 || now - before.sentAt >= REPEAT_MS
    this.#remember(key, { name, count, seenAt: now, sentAt: isDue ? now : before.sentAt })
    return isDue ? { kind: 'repeat', name, event, count } : { kind: 'none' }
  }

  /** The API server does not have the event under this name: the next one is new. */
  forget(event: ObjectEvent): void {
    this.#all.delete(keyOf(event))
  }

  #remember(key: string, series: Series): void {
    this.#all.delete(key)
    this.#all.set(key, series)
    // Seen longest ago first: what is over cannot be repeated any more.
    for (const [oldest, { seenAt }] of this.#all) {
      if (this.#all.size <= MAX_SERIES && series.seenAt - seenAt <= SERIES_MS) break
      this.#all.delete(oldest)
    }
  }
}

const keyOf = ({ uid, type, reason, action, note }: ObjectEvent): string =>
  JSON.stringify([uid, type, reason, action, note])

export interface BucketSize {
  readonly burst: number
  /** Milliseconds until one token comes back. */
  readonly refillMs: number
  /** Buckets remembered; the one used longest ago leaves first. */
  readonly maxKeys: number
}

/** One bucket of tokens per key, full at first. */
export class TokenBuckets {
  readonly #size: BucketSize
  readonly #buckets = new Map<string, { readonly tokens: number; readonly at: number }>()

  constructor(size: BucketSize) {
    this.#size = size
  }

  /** Whether `key` may have one now; takes it. `now` in milliseconds that never go back. */
  take(key: string, now: number): boolean {
    const { burst, refillMs, maxKeys } = this.#size
    const before = this.#buckets.get(key) ?? { tokens: burst, at: now }
    const tokens = Math.min(burst, before.tokens + (now - before.at) / refillMs)
    // To the end, as the one used last.
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    for (const [oldest, { tokens: left, at }] of this.#buckets) {
      // A full bucket is as good as none.
      const isFull = left + (now - at) / refillMs >= burst
      if (this.#buckets.size <= maxKeys && !isFull) break
      this.#buckets.delete(oldest)
    }
    return tokens >= 1
  }
}
