import { MAX_KEYS, type TwilioAccountStatus } from '../api/twilio-account.ts'
import { rfc3339 } from '../api/condition.ts'
import type { KeyDigest } from '../external/key-digest.ts'

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
