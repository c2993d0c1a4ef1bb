import type { KeyDigest } from '../external/key-digest.ts'
import { MAX_KEYS, type TwilioAccountStatus } from '../api/twilio-account.ts'
import { rfc3339 } from '../api/condition.ts'

/**
 * What keys have shown, and so which of them are of one Twilio account.
 *
 * The SID of a sink is known to one account only, and a key never changes its account. So a key is a witness for a sink
 * that it has itself made or shown, and two keys that have made or shown one SID are of one account: each is a witness for
 * what the other has shown. Nothing else proves anything: not `spec.accountSid`, not a Secret that Twilio has not accepted,
 * not an annotation, and not what a person has approved.
 */
export interface Witnesses {
  /**
   * Twilio has answered a call through this key with this SID: of a sink, or of the account that an auth token or a
   * subscription names. Idempotent.
   */
  shown(key: KeyDigest, sid: string): void
  /** Whether one of these keys has shown the SID. */
  haveShown(keys: ReadonlySet<KeyDigest>, sid: string): boolean
  /** All keys that are known to be of one account with this one; it is among them. */
  kinOf(key: KeyDigest, records: Records): ReadonlySet<KeyDigest>
  /** The SIDs of sinks that the key has shown. */
  sinksOf(key: KeyDigest): readonly string[]
  /** Forgets that the key has shown these: nobody has recorded them, and they are gone. */
  forget(key: KeyDigest, sids: readonly string[]): void
  /**
   * TwilioAccounts use these keys. Forgets the others, as soon as no TwilioAccount has used them since `settled`; monotonic
   * milliseconds. Without them fewer absences are trusted, never more.
   */
  keepOnly(keys: readonly KeyDigest[], now: number, settled: number): void
  /** How many keys are remembered. */
  size(): number
}

/** What outlives a process, where tenants cannot write it. It counts for the one TwilioAccount that it belongs to. */
export interface Records {
  /** Through which key each Sink has recorded its sink. */
  readonly sinks: readonly RecordedThrough[]
  /** `status.keys` of the TwilioAccount: keys of one account. */
  readonly keys: readonly KeyDigest[]
}

export interface RecordedThrough {
  readonly sid: string
  /** Undefined: version 0.1 has recorded it. */
  readonly key: KeyDigest | undefined
}

export function createWitnesses(): Witnesses {
  const sidsOf = new Map<KeyDigest, Set<string>>()
  const keysOf = new Map<string, Set<KeyDigest>>()
  const unusedSince = new Map<KeyDigest, number>()
  const forget = (key: KeyDigest, sids: Iterable<string>): void => {
    for (const sid of sids) {
      sidsOf.get(key)?.delete(sid)
      keysOf.get(sid)?.delete(key)
      if (keysOf.get(sid)?.size === 0) keysOf.delete(sid)
    }
  }
  return {
    shown: (key, sid) => {
      add(sidsOf, key, sid)
      add(keysOf, sid, key)
    },
    haveShown: (keys, sid) => [...(keysOf.get(sid) ?? [])].some((key) => keys.has(key)),
    kinOf: (key, records) => kinOf(key, records, { sidsOf, keysOf }),
    sinksOf: (key) => [...(sidsOf.get(key) ?? [])].filter((sid) => !sid.startsWith('AC')),
    forget,
    keepOnly: (used, now, settled) => {
      const keys = new Set(used)
      for (const [key, sids] of sidsOf) {
        const since = unusedSince.get(key) ?? now
        if (keys.has(key)) unusedSince.delete(key)
        else unusedSince.set(key, since)
        if (keys.has(key) || since >= settled) continue
        forget(key, [...sids])
        sidsOf.delete(key)
        unusedSince.delete(key)
      }
    },
    size: () => sidsOf.size,
  }
}

interface Shown {
  readonly sidsOf: ReadonlyMap<KeyDigest, ReadonlySet<string>>
  readonly keysOf: ReadonlyMap<string, ReadonlySet<KeyDigest>>
}

/** From key to SID to key, until nothing new is found. */
function kinOf(first: KeyDigest, { sinks, keys }: Records, { sidsOf, keysOf }: Shown): Set<KeyDigest> {
  const recordedSids = new Map<KeyDigest, Set<string>>()
  const recordedKeys = new Map<string, Set<KeyDigest>>()
  for (const { sid, key } of sinks) {
    if (key === undefined) continue
    add(recordedSids, key, sid)
    add(recordedKeys, sid, key)
  }
  const kin = new Set([first])
  for (const key of kin) {
    if (keys.includes(key)) for (const other of keys) kin.add(other)
    for (const sid of [...(sidsOf.get(key) ?? []), ...(recordedSids.get(key) ?? [])]) {
      for (const other of [...(keysOf.get(sid) ?? []), ...(recordedKeys.get(sid) ?? [])]) kin.add(other)
    }
  }
  return kin
}

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, new Set([value]))
  else known.add(value)
}

type KnownKey = TwilioAccountStatus['keys'][number]

export interface PresentKey {
  readonly present: KeyDigest
  /** The keys of one account with the present one. */
  readonly kin: ReadonlySet<KeyDigest>
  /** The keys through which the Sinks of the TwilioAccount have recorded their sinks. */
  readonly recordedThrough: readonly (KeyDigest | undefined)[]
  /** Wall clock, milliseconds: when the account was first seen through the present key. */
  readonly now: number
}

/**
 * `status.keys` of a TwilioAccount: what must outlast a restart of which keys are of one account. Changes with the first
 * LIST through a key and at no other time. A key that has shown nothing of what the others have recorded says nothing of
 * them: while a sink is recorded through those, they stay and it is not added.
 */
export function keysOfAccount(before: readonly KnownKey[], by: PresentKey): readonly KnownKey[] {
  const { present, kin, recordedThrough, now } = by
  const isKin = before.some(({ digest }) => kin.has(digest))
  if (!isKin && before.some(({ digest }) => recordedThrough.includes(digest))) return before
  const known = new Map(before.filter(({ digest }) => kin.has(digest)).map((key) => [key.digest, key]))
  const add = (digest: KeyDigest): void => {
    if (!known.has(digest)) known.set(digest, { digest, since: rfc3339(now) })
  }
  add(present)
  // Keys for which there is no room are in the Sinks: replacing others by them would change the status at each LIST.
  for (const digest of recordedThrough)
    if (digest !== undefined && kin.has(digest) && known.size < MAX_KEYS) add(digest)
  return withoutOldest([...known.values()].sort(byAge), present)
}

/**
 * One too many: the next one takes over since when the account has been seen, or a new account would be the older one.
 */
function withoutOldest(keys: readonly KnownKey[], present: KeyDigest): readonly KnownKey[] {
  if (keys.length <= MAX_KEYS) return keys
  const oldest = keys.find(({ digest }) => digest !== present)
  const [first, ...others] = keys.filter((key) => key !== oldest)
  if (oldest === undefined || first === undefined) return keys
  const since = oldest.since < first.since ? oldest.since : first.since
  return [{ ...first, since }, ...others]
}

/** Since when the TwilioAccount has seen its account, through whichever key of it; wall clock, milliseconds. */
export function seniorityOf(keys: readonly KnownKey[], kin: ReadonlySet<KeyDigest>): number {
  const times = keys.filter(({ digest }) => kin.has(digest)).map(({ since }) => Date.parse(since))
  return Math.min(...times.filter((time) => !Number.isNaN(time)), Infinity)
}

function byAge(a: KnownKey, b: KnownKey): number {
  const [left, right] = [`${a.since} ${a.digest}`, `${b.since} ${b.digest}`]
  return left < right ? -1 : left === right ? 0 : 1
}
