import {
  emptySnapshot,
  withoutSink,
  withSink,
  type Absence,
  type CompleteList,
  type Snapshot,
} from '../account/snapshot.ts'
import type { Hold } from '../account/hold.ts'
import type { SightLog } from '../account/sight-log.ts'
import type { AccountReadyReason } from '../api/condition.ts'
import type { ExternalSink } from '../sink/external-sink.ts'
import type { Credential, ObjectKey, TwilioAccountApi } from './ports.ts'

/** What the process knows of one TwilioAccount besides its object. Monotonic milliseconds. */
export interface AccountEntry {
  readonly name: ObjectKey
  readonly accountSid: string
  /** When the account, or its present key, came into use: nothing can have answered through it before. */
  since: number
  connection: { readonly credential: Credential; readonly api: TwilioAccountApi } | undefined
  /** A LIST has succeeded with the present credential. */
  verified: boolean
  secretGone: boolean
  /** This process has looked at the account's Secret. */
  credentialRead: boolean
  trouble: { readonly reason: AccountReadyReason; readonly message: string } | undefined
  /** Without a complete LIST it proves nothing, but keeps what was written and looked at. */
  snapshot: Snapshot
  /** The LIST that is under way; how many pages it will have is not known. */
  listing: CompleteList | undefined
  /** `account_sid`s that subscriptions seen through the present key name. */
  subscriptionAccounts: ReadonlySet<string>
  /** What the last LIST through the present key showed. */
  listedSids: ReadonlySet<string>
  /** The present key belongs to the account. */
  proven: boolean
  /** Why changes are held, as last judged, and what a person has released. */
  hold: Hold | undefined
  /** This process has judged; before, what an earlier one wrote into the status counts. */
  judged: boolean
  /** A LIST that begins at this moment or later is wanted. */
  wantedFrom: number
  nextListAt: number
  failures: number
  /** What the Sinks were last told of the account. */
  told: string
  limit: number
  /** Sinks that want a pass whenever something new is known of the account. */
  readonly waiting: Set<ObjectKey>
  /** Sinks on their way at Twilio, since when. */
  readonly unsettled: Map<ObjectKey, number>
}

/** Nothing is created, deleted or let go. */
export const holdsChanges = ({ hold }: AccountEntry): boolean => hold?.reason !== undefined

/** Twilio's documented limit of sinks in an account. */
const SINK_LIMIT = 100

export const createAccountEntry = (name: ObjectKey, accountSid: string, now: number): AccountEntry => ({
  name,
  accountSid,
  since: now,
  connection: undefined,
  verified: false,
  secretGone: false,
  credentialRead: false,
  trouble: undefined,
  snapshot: emptySnapshot(accountSid, ''),
  listing: undefined,
  subscriptionAccounts: new Set(),
  listedSids: new Set(),
  proven: false,
  hold: undefined,
  judged: false,
  wantedFrom: 0,
  nextListAt: 0,
  failures: 0,
  told: '',
  limit: SINK_LIMIT,
  waiting: new Set(),
  unsettled: new Map(),
})

/** All accounts, and the one place that applies what was seen to their snapshots. */
export interface AccountDirectory {
  get(name: ObjectKey): AccountEntry | undefined
  ensure(name: ObjectKey, accountSid: string, now: number): AccountEntry
  remove(name: ObjectKey): void
  all(): Iterable<AccountEntry>
  /**
   * An answer showed the sink. Every entry of the account learns that it is there, since one account may have two
   * objects; but only about the key that was asked does it say anything.
   */
  saw(entry: AccountEntry, key: string, sink: ExternalSink, at: number): void
  /** An answer said that the sink is not there; it counts for the key that asked, and not for one that came meanwhile. */
  missed(entry: AccountEntry, key: string, sid: string, absence: Absence): void
}

export function createAccountDirectory(sights: SightLog): AccountDirectory {
  const entries = new Map<ObjectKey, AccountEntry>()
  return {
    get: (name) => entries.get(name),
    ensure: (name, accountSid, now) => {
      const known = entries.get(name)
      if (known?.accountSid === accountSid) return known
      const entry = createAccountEntry(name, accountSid, now)
      entries.set(name, entry)
      return entry
    },
    remove: (name) => {
      entries.delete(name)
    },
    all: () => entries.values(),
    saw: (entry, key, sink, at) => {
      sights.saw(sink, at)
      for (const other of entries.values()) {
        if (other.accountSid === entry.accountSid)
          other.snapshot = withSink(other.snapshot, sink, { through: key, at })
      }
    },
    missed: (entry, key, sid, absence) => {
      if (entry.snapshot.key === key) entry.snapshot = withoutSink(entry.snapshot, sid, absence)
    },
  }
}
