import type { LeaseRecord, LeaseStore, StoredLease } from '../../../src/leader-election/lease.ts'

/** What becomes of one request. */
export type Fate =
  | 'answered'
  /** Processed, and the answer does not come. */
  | 'answer-lost'
  /** Neither processed nor answered. */
  | 'lost'
  | 'refused'

/** The one lease, as an API server holds it, and requests that fare as the test says. */
export interface FakeLease {
  readonly store: LeaseStore
  stored: (StoredLease & Partial<LeaseRecord>) | undefined
  /** Of the next requests, one after the other; then all are answered. */
  readonly fates: Fate[]
  /** Of all further ones. */
  fate: Fate
  /** Called before a request is processed. */
  before: (kind: 'read' | 'write') => void | Promise<void>
  readonly asked: ('read' | 'write')[]
  /** Somebody else writes. */
  change(by: Partial<LeaseRecord>): void
  remove(): void
  /** Tells those who watch. */
  tell(): void
}

const EMPTY: LeaseRecord = { holder: '', durationSeconds: 15, acquiredAt: 0, renewedAt: 0, transitions: 0 }

export function createFakeLease(): FakeLease {
  const watchers = new Set<() => void>()
  let version = 0

  const save = (record: LeaseRecord): StoredLease => {
    version += 1
    lease.stored = { ...record, version: String(version) }
    return lease.stored
  }

  const fare = async <T>(kind: 'read' | 'write', process: () => T): Promise<T> => {
    lease.asked.push(kind)
    const fate = lease.fates.shift() ?? lease.fate
    await lease.before(kind)
    if (fate === 'refused') throw new Error('refused, as the test wants it')
    const answer = fate === 'lost' ? undefined : process()
    return fate === 'answered' ? (answer as T) : new Promise<T>(() => undefined)
  }

  const lease: FakeLease = {
    store: {
      read: () => fare('read', () => lease.stored),
      write: (record, expected) =>
        fare('write', () => (lease.stored?.version === expected ? save(record) : 'conflict')),
      watch: (changed, signal) => {
        watchers.add(changed)
        signal.addEventListener('abort', () => watchers.delete(changed))
      },
    },
    stored: undefined,
    fates: [],
    fate: 'answered',
    before: () => undefined,
    asked: [],
    change: (by) => {
      save({ ...EMPTY, ...lease.stored, ...by })
    },
    remove: () => {
      lease.stored = undefined
    },
    tell: () => {
      for (const changed of watchers) changed()
    },
  }
  return lease
}
