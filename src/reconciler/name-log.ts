import type { ObjectKey } from './ports.ts'

/**
 * What this process knows of the past of each name, since the ownership mark goes by name and not by UID.
 * All times are monotonic milliseconds.
 */
export interface NameLog {
  /** An object is there under the name. Idempotent per UID. */
  present(key: ObjectKey, sight: FirstSight): void
  /** No object is there under the name any more. */
  left(key: ObjectKey, at: number): void
  /** Our own pass has proven that nothing of the object under this name is at Twilio. */
  released(key: ObjectKey): void
  /** It was not let go after all: when it leaves, that counts from then. */
  notReleased(key: ObjectKey): void
  /** From when on a LIST says that the object has no sink, its open attempts apart. */
  proofSince(key: ObjectKey, now: ProofInputs): number
}

export interface FirstSight {
  readonly uid: string
  readonly at: number
  /** The watch showed its creation. */
  readonly born: boolean
  /** At first sight it had a SID, our finalizer or a journal of attempts: it may have reached Twilio. */
  readonly touched: boolean
}

export interface ProofInputs {
  /** Milliseconds. */
  readonly settle: number
  readonly leadingSince: number
  /** The journal says that the last attempt of this very object has ended. */
  readonly journalClosed: boolean
}

interface Entry extends FirstSight {
  /** From when on a LIST proves something about whoever had the name before; 0 if nobody had it. */
  readonly nameFreeFrom: 'never-used' | 'released' | number
}

export function createNameLog(): NameLog {
  const present = new Map<ObjectKey, Entry>()
  const past = new Map<ObjectKey, 'released' | number>()
  return {
    present: (key, sight) => {
      const known = present.get(key)
      if (known?.uid === sight.uid) return
      // Replaced without our seeing it leave.
      if (known !== undefined && past.get(key) !== 'released') past.set(key, sight.at)
      present.set(key, { ...sight, nameFreeFrom: past.get(key) ?? 'never-used' })
      past.delete(key)
    },
    left: (key, at) => {
      if (past.get(key) !== 'released' && present.has(key)) past.set(key, at)
      present.delete(key)
    },
    released: (key) => {
      past.set(key, 'released')
    },
    notReleased: (key) => {
      if (past.get(key) === 'released' && present.has(key)) past.delete(key)
    },
    proofSince: (key, inputs) => {
      const entry = present.get(key)
      return entry === undefined ? inputs.leadingSince + inputs.settle : proofSince(entry, inputs)
    },
  }
}

function proofSince(entry: Entry, { settle, leadingSince, journalClosed }: ProofInputs): number {
  const { nameFreeFrom, born, touched } = entry
  const before = typeof nameFreeFrom === 'number' ? nameFreeFrom + settle : 0
  const since = Math.max(entry.at, leadingSince)
  if (born && !touched) return before
  // Whoever led before may have sent a create that the object no longer tells of.
  return Math.max(before, touched && !journalClosed ? since + settle : since)
}
