import type { PartialSink } from '../../api/sink.ts'
import { ownerOf, type Owner } from '../../external/ownership-mark.ts'
import type { ObjectKey } from '../ports.ts'
import { AttemptLog } from './attempt-log.ts'
import type { ObjectMemory } from './object-memory.ts'

/**
 * What this process knows of one name, since the ownership mark depends on the name and not on the UID. All times are
 * monotonic milliseconds.
 */
export interface NameRecord {
  /** What its marks look like. */
  readonly owner: Owner
  readonly attempts: AttemptLog
  /** The object that is there; undefined: none. */
  object: ObjectRecord | undefined
  /** How the last object ended, while there is no other. */
  departure: Departure | undefined
  /** The object of a running reconcile, as it was last seen: it may change, and go, during the reconcile. */
  underWay: PartialSink | undefined
}

/** What is known of one object for as long as it is there. */
interface ObjectRecord extends FirstSeen {
  /** Undefined: this process has seen no other object under the name. */
  readonly before: Departure | undefined
  readonly memory: ObjectMemory
  /** Our own reconcile has confirmed that nothing of it is at Twilio. */
  gone: boolean
}

export interface FirstSeen {
  readonly uid: string
  readonly at: number
  /** The watch showed its creation. It counts only if this process led by then: else another may have acted on it. */
  readonly born: boolean
  /** When it was first seen it had a SID, our finalizer or a journal of attempts: it may have reached Twilio. */
  readonly touched: boolean
}

/** How the last object of a name ended. */
interface Departure {
  readonly at: number
  readonly gone: boolean
}

/**
 * All names, kept up to date by the changes of the cache.
 *
 * A record lasts for as long as an object is there, a reconcile of it runs, or something may still be confirmed by it
 * (`forget-settled.ts`). What is remembered of an object alone goes with the object.
 */
export class NameRecords {
  private readonly records = new Map<ObjectKey, NameRecord>()
  /** Names without an object, in the order of departure. */
  private readonly departed = new Set<ObjectKey>()
  private readonly keys = new Map<string, ObjectKey>()
  private readonly installationId: string

  constructor(installationId: string) {
    this.installationId = installationId
  }

  /** Names that are remembered. */
  get size(): number {
    return this.records.size
  }

  /** Of a name that is not known an empty record, which nobody keeps. */
  of(key: ObjectKey): NameRecord {
    return this.records.get(key) ?? emptyRecord(ownerOf(this.installationId, key))
  }

  /** Of an object that is not there, or not any more, an empty memory, which nobody keeps. */
  memoryOf({ key, uid }: { readonly key: ObjectKey; readonly uid: string }): ObjectMemory {
    const object = this.records.get(key)?.object
    return object?.uid === uid ? object.memory : {}
  }

  /** The object whose marks carry this part. */
  keyOfMark(part: string): ObjectKey | undefined {
    const key = this.keys.get(part)
    return key === undefined || this.departed.has(key) ? undefined : key
  }

  /** An object is there under the name. Idempotent per UID. */
  present(key: ObjectKey, first: FirstSeen): void {
    const record = this.of(key)
    const { object, departure } = record
    if (object?.uid === first.uid) return
    // Replaced without our seeing it leave.
    const replaced = object && { at: first.at, gone: object.gone }
    record.object = { ...first, before: replaced ?? departure, memory: {}, gone: false }
    record.departure = undefined
    this.departed.delete(key)
    this.records.set(key, record)
    this.keys.set(record.owner.object, key)
  }

  /** No object is there under the name any more. */
  left(key: ObjectKey, at: number): void {
    const record = this.of(key)
    if (record.object === undefined) return
    record.departure = { at, gone: record.object.gone }
    record.object = undefined
    this.departed.add(key)
  }

  /** Our own reconcile has confirmed that nothing of the object under this name is at Twilio. */
  confirmedGone(key: ObjectKey): void {
    const record = this.of(key)
    if (record.object !== undefined) record.object.gone = true
    if (record.departure !== undefined) record.departure = { ...record.departure, gone: true }
  }

  /** Its finalizer was not removed after all: when it leaves, that counts from then. */
  notGone(key: ObjectKey): void {
    const { object } = this.of(key)
    if (object !== undefined) object.gone = false
  }

  /** Names without an object, whose last one left before `at`; the longest gone first. */
  leftBefore(at: number): readonly ObjectKey[] {
    const found: ObjectKey[] = []
    for (const key of this.departed) {
      const { departure, underWay } = this.of(key)
      if (departure === undefined || departure.at >= at) break
      if (underWay === undefined) found.push(key)
    }
    return found
  }

  /** As if no object had ever been there: MUST be settled (`forget-settled.ts`). A name in use is kept. */
  forget(key: ObjectKey): void {
    if (!this.departed.delete(key)) return
    this.keys.delete(this.of(key).owner.object)
    this.records.delete(key)
  }
}

const emptyRecord = (owner: Owner): NameRecord => ({
  owner,
  attempts: new AttemptLog(),
  object: undefined,
  departure: undefined,
  underWay: undefined,
})

export interface ConfirmableInputs {
  /** Milliseconds. */
  readonly settle: number
  readonly leadingSince: number
  /** The journal says that the last attempt of this very object has ended. */
  readonly journalClosed: boolean
}

/** From when on a LIST says that the object has no sink, its open attempts apart. */
export function absenceConfirmableSince({ object }: NameRecord, inputs: ConfirmableInputs): number {
  const { settle, leadingSince, journalClosed } = inputs
  if (object === undefined) return leadingSince + settle
  const { before, touched } = object
  const born = object.born && object.at >= leadingSince
  const nameFree = before === undefined || before.gone ? 0 : before.at + settle
  const since = Math.max(object.at, leadingSince)
  if (born && !touched) return nameFree
  // An earlier leader may have sent a create of which the object has no journal any more.
  return Math.max(nameFree, touched && !journalClosed ? since + settle : since)
}
