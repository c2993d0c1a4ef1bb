import type { ObjectKey } from '../ports.ts'

/**
 * What this process knows of the past of each name, since the ownership mark depends on the name and not on the UID. All
 * times are monotonic milliseconds.
 */
export interface NameLog {
  /** An object is there under the name. Idempotent per UID. */
  present(key: ObjectKey, first: FirstSeen): void
  /** No object is there under the name any more. */
  left(key: ObjectKey, at: number): void
  /** Our own reconcile has confirmed that nothing of the object under this name is at Twilio. */
  confirmedGone(key: ObjectKey): void
  /** Its finalizer was not removed after all: when it leaves, that counts from then. */
  notGone(key: ObjectKey): void
  /** From when on a LIST says that the object has no sink, its open attempts apart. */
  absenceConfirmableSince(key: ObjectKey, now: ConfirmableInputs): number
  /** Names without an object, whose last one left before `at`; the longest gone first. */
  leftBefore(at: number): readonly ObjectKey[]
  /** As if no object had ever been there: MUST be settled (`forget-settled.ts`). A name in use is kept. */
  forget(key: ObjectKey): void
}

export interface FirstSeen {
  readonly uid: string
  readonly at: number
  /** The watch showed its creation. It counts only if this process led by then: else another may have acted on it. */
  readonly born: boolean
  /** When it was first seen it had a SID, our finalizer or a journal of attempts: it may have reached Twilio. */
  readonly touched: boolean
}

export interface ConfirmableInputs {
  /** Milliseconds. */
  readonly settle: number
  readonly leadingSince: number
  /** The journal says that the last attempt of this very object has ended. */
  readonly journalClosed: boolean
}

/** How the last object of a name ended. */
interface Departure {
  readonly at: number
  readonly gone: boolean
}

interface Entry extends FirstSeen {
  /** Undefined: this process has seen no other object under the name. */
  readonly before: Departure | undefined
  readonly gone: boolean
}

export function createNameLog(): NameLog {
  const present = new Map<ObjectKey, Entry>()
  /** In the order of departure. */
  const past = new Map<ObjectKey, Departure>()
  const setGone = (key: ObjectKey, gone: boolean): void => {
    const entry = present.get(key)
    if (entry !== undefined) present.set(key, { ...entry, gone })
  }
  return {
    present: (key, first) => {
      const known = present.get(key)
      if (known?.uid === first.uid) return
      // Replaced without our seeing it leave.
      const replaced = known && { at: first.at, gone: known.gone }
      present.set(key, { ...first, before: replaced ?? past.get(key), gone: false })
      past.delete(key)
    },
    left: (key, at) => {
      const entry = present.get(key)
      if (entry === undefined) return
      past.set(key, { at, gone: entry.gone })
      present.delete(key)
    },
    confirmedGone: (key) => {
      setGone(key, true)
      const departed = past.get(key)
      if (departed !== undefined) past.set(key, { ...departed, gone: true })
    },
    notGone: (key) => {
      setGone(key, false)
    },
    absenceConfirmableSince: (key, inputs) => {
      const entry = present.get(key)
      return entry === undefined ? inputs.leadingSince + inputs.settle : confirmableSince(entry, inputs)
    },
    leftBefore: (at) => {
      const found: ObjectKey[] = []
      for (const [key, departure] of past) {
        if (departure.at >= at) break
        found.push(key)
      }
      return found
    },
    forget: (key) => {
      past.delete(key)
    },
  }
}

function confirmableSince(entry: Entry, { settle, leadingSince, journalClosed }: ConfirmableInputs): number {
  const { before, touched } = entry
  const born = entry.born && entry.at >= leadingSince
  const nameFree = before === undefined || before.gone ? 0 : before.at + settle
  const since = Math.max(entry.at, leadingSince)
  if (born && !touched) return nameFree
  // An earlier leader may have sent a create of which the object has no journal any more.
  return Math.max(nameFree, touched && !journalClosed ? since + settle : since)
}
