import type { Clock } from './clock.ts'
import type { NewSid } from './sids.ts'
import { createVersionedMap, type VersionedMap } from './versioned-map.ts'

export type Configuration = Readonly<Record<string, unknown>>

/** A sink as it was sent; answers are made from it as the settings say at that moment. Times in milliseconds. */
export interface SinkRecord {
  /** Order of creation within the account; the page token refers to it. */
  readonly order: number
  readonly sid: string
  readonly description: string
  readonly sinkType: string
  readonly configuration: Configuration
  readonly status: string
  /** The id of the newest test event; `null` before the first. */
  readonly testId: string | null
  readonly createdAt: number
  readonly updatedAt: number
}

export interface EventTypeRecord {
  readonly type: string
  readonly schemaVersion: number
}

export interface SubscriptionRecord {
  readonly order: number
  readonly sid: string
  readonly sinkSid: string
  readonly description: string
  readonly types: readonly EventTypeRecord[]
  readonly createdAt: number
  readonly updatedAt: number
}

/** What one account holds. Records are replaced, never changed. The store knows no rules: the operations do. */
export interface AccountStore {
  readonly sinks: VersionedMap<SinkRecord>
  readonly subscriptions: VersionedMap<SubscriptionRecord>
  addSink(fields: Pick<SinkRecord, 'description' | 'sinkType' | 'configuration' | 'status'>): SinkRecord
  addSubscription(fields: Pick<SubscriptionRecord, 'sinkSid' | 'description' | 'types'>): SubscriptionRecord
  /** Replaces members and moves `updatedAt`. */
  changeSink(sink: SinkRecord, change: Partial<SinkRecord>): SinkRecord
  changeSubscription(
    subscription: SubscriptionRecord,
    change: Partial<SubscriptionRecord>,
  ): SubscriptionRecord
  /** SIDs of the subscriptions that use the sink, by default now. */
  usersOf(sinkSid: string, lagMs?: number): string[]
}

export function createAccountStore(clock: Clock, newSid: NewSid): AccountStore {
  const sinks = createVersionedMap<SinkRecord>(clock)
  const subscriptions = createVersionedMap<SubscriptionRecord>(clock)
  let order = 0

  return {
    sinks,
    subscriptions,
    addSink: (fields) => {
      const now = clock()
      const birth = { order: ++order, sid: newSid('DG'), createdAt: now, updatedAt: now }
      return stored(sinks, { ...fields, ...birth, testId: null })
    },
    addSubscription: (fields) => {
      const now = clock()
      const birth = { order: ++order, sid: newSid('DF'), createdAt: now, updatedAt: now }
      return stored(subscriptions, { ...fields, ...birth })
    },
    changeSink: (sink, change) => stored(sinks, { ...sink, ...change, updatedAt: clock() }),
    changeSubscription: (subscription, change) =>
      stored(subscriptions, { ...subscription, ...change, updatedAt: clock() }),
    usersOf: (sinkSid, lagMs = 0) =>
      subscriptions
        .values(lagMs)
        .filter((s) => s.sinkSid === sinkSid)
        .map((s) => s.sid),
  }
}

function stored<T extends { readonly sid: string }>(map: VersionedMap<T>, record: T): T {
  map.set(record.sid, record)
  return record
}
