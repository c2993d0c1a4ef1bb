import {
  emptySnapshot,
  withoutSink,
  withSink,
  type Absence,
  type CompleteList,
  type Snapshot,
} from '../../account/snapshot.ts'
import type { Hold } from '../../account/hold.ts'
import type { LastSeen } from '../../account/last-seen.ts'
import type { AccountReadyReason } from '../../api/condition.ts'
import type { TwilioAccountStatus } from '../../api/twilio-account.ts'
import type { Witnesses } from '../../account/witnesses.ts'
import type { ExternalSink } from '../../external/external-sink.ts'
import type { FailureFacts } from '../../external/failure.ts'
import type { KeyDigest } from '../../external/key-digest.ts'
import type { Credential, ObjectKey, TwilioAccountApi } from '../ports.ts'

/** What the process knows of one TwilioAccount besides its object. Monotonic milliseconds. */
export interface AccountState {
  readonly name: ObjectKey
  readonly accountSid: string
  /** When the account, or its present key, came into use: nothing can have answered through it before. */
  since: number
  connection: AccountConnection | undefined
  /** A LIST has succeeded with the present credential. */
  verified: boolean
  /** This process has used another credential before: what was reported of that one is over. */
  replaced: boolean
  secretGone: boolean
  /** The API server did not give the Secret the last time, for another reason than that there is none. */
  secretUnread: boolean
  /** The API server refuses our finalizer on the account. */
  finalizerRefused: boolean
  trouble: { readonly reason: AccountReadyReason; readonly message: string } | undefined
  /** Without a complete LIST it proves nothing, but keeps what was written and looked at. */
  snapshot: Snapshot
  /** The LIST that is running; how many pages it will have is not known. */
  listing: CompleteList | undefined
  /** `account_sid`s that subscriptions seen through the present key name. */
  subscriptionAccounts: ReadonlySet<string>
  /** What the last LIST through the present key showed. */
  listedSids: ReadonlySet<string>
  /** The keys that are known to be of one Twilio account with the present one, and itself: it is a witness for theirs. */
  kin: ReadonlySet<KeyDigest>
  /** As `status.keys` should say it. */
  keys: Readonly<TwilioAccountStatus['keys']>
  /** The last keys that this TwilioAccount has used since the process began. */
  readonly usedKeys: Set<KeyDigest>
  /** Whether Sinks of a namespace may refer to the account, by the labels that the namespace had when it was last asked. */
  readonly labelled: Map<string, boolean>
  /** Wall clock: when this process first saw the account through the present key. */
  firstListAt: number | undefined
  /** Why changes are held, as last evaluated, and what a person has approved. */
  hold: Hold | undefined
  /** SIDs that hold only the Sinks that have recorded them; what a person has approved is not among them. */
  strays: ReadonlySet<string>
  /** This process has evaluated it; before, what an earlier one wrote into the status counts. */
  evaluated: boolean
  /** A LIST that begins at this moment or later is wanted. */
  wantedFrom: number
  nextListAt: number
  failures: number
  /** How the last poll ended, if it failed. */
  pollFailure: FailureFacts | undefined
  /** By condition, the reason that this process has logged last. */
  readonly loggedTroubles: Map<string, string>
  /** What of the account has last enqueued its Sinks. */
  lastNews: string
  limit: number
  /** By SID, until when a DELETE that was refused as in use is not repeated. */
  readonly inUse: Map<string, number>
  /** Sinks that are enqueued whenever something new is known of the account. */
  readonly subscribers: Set<ObjectKey>
  /** Sinks that are still changing at Twilio, since when. */
  readonly changing: Map<ObjectKey, number>
}

export interface AccountConnection {
  readonly credential: Credential
  readonly key: KeyDigest
  readonly api: TwilioAccountApi
}

/** Nothing is created or deleted, and no finalizer is removed. */
export const holdsChanges = ({ hold }: AccountState): boolean => hold?.reason !== undefined

/** Until `until` a DELETE is not repeated. What is over is forgotten: sinks go, and their SIDs never come back. */
export function recordInUse({ inUse }: AccountState, sid: string, until: number, now: number): void {
  for (const [other, end] of inUse) if (end <= now) inUse.delete(other)
  inUse.set(sid, until)
}

/** A person may write any number of them into the Secret; what the first have shown is long settled. */
const MOST_USED_KEYS = 100

export function recordUsedKey({ usedKeys }: AccountState, key: KeyDigest): void {
  usedKeys.delete(key)
  usedKeys.add(key)
  const [oldest = key] = usedKeys
  if (usedKeys.size > MOST_USED_KEYS) usedKeys.delete(oldest)
}

/** Twilio's documented limit of sinks in an account. */
const SINK_LIMIT = 100

export const createAccountState = (name: ObjectKey, accountSid: string, now: number): AccountState => ({
  name,
  accountSid,
  since: now,
  connection: undefined,
  verified: false,
  replaced: false,
  secretGone: false,
  secretUnread: false,
  finalizerRefused: false,
  trouble: undefined,
  snapshot: emptySnapshot(accountSid, ''),
  listing: undefined,
  subscriptionAccounts: new Set(),
  listedSids: new Set(),
  kin: new Set(),
  keys: [],
  usedKeys: new Set(),
  labelled: new Map(),
  firstListAt: undefined,
  hold: undefined,
  strays: new Set(),
  evaluated: false,
  wantedFrom: 0,
  nextListAt: 0,
  failures: 0,
  pollFailure: undefined,
  loggedTroubles: new Map(),
  lastNews: '',
  limit: SINK_LIMIT,
  inUse: new Map(),
  subscribers: new Set(),
  changing: new Map(),
})

/** All accounts, and the one place that applies what was seen to their snapshots. */
export interface AccountRegistry {
  get(name: ObjectKey): AccountState | undefined
  ensure(name: ObjectKey, accountSid: string, now: number): AccountState
  remove(name: ObjectKey): void
  all(): Iterable<AccountState>
  /**
   * An answer through this key showed the sink. Every entry whose key is of the same account learns that it is there; but
   * only about the key that was asked does it say anything.
   */
  recordSeen(entry: AccountState, key: KeyDigest, sink: ExternalSink, at: number): void
  /** An answer said that the sink is not there; it counts for the key that asked, and not for one that came meanwhile. */
  recordAbsent(entry: AccountState, key: KeyDigest, sid: string, absence: Absence): void
}

export function createAccountRegistry(lastSeen: LastSeen, witnesses: Witnesses): AccountRegistry {
  const entries = new Map<ObjectKey, AccountState>()
  return {
    get: (name) => entries.get(name),
    ensure: (name, accountSid, now) => {
      const known = entries.get(name)
      if (known?.accountSid === accountSid) return known
      const entry = createAccountState(name, accountSid, now)
      entries.set(name, entry)
      return entry
    },
    remove: (name) => {
      entries.delete(name)
    },
    all: () => entries.values(),
    recordSeen: (entry, key, sink, at) => {
      lastSeen.recordSeen(sink, key, at)
      witnesses.shown(key, sink.sid)
      for (const other of entries.values()) {
        // A Secret may hold the SID of any key: only one that Twilio has accepted says whose it is.
        const isKin = other === entry || (other.verified && other.kin.has(key))
        if (isKin) other.snapshot = withSink(other.snapshot, sink, { through: key, at })
      }
    },
    recordAbsent: (entry, key, sid, absence) => {
      if (entry.snapshot.key === key) entry.snapshot = withoutSink(entry.snapshot, sid, absence)
    },
  }
}
