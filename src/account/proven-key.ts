import type { Snapshot } from './snapshot.ts'

export interface RecordedSink {
  readonly sid: string
  /** The key that the sink was made through, where the journal of its object still tells. */
  readonly madeThrough: string | undefined
}

/**
 * Whether the key belongs to the pinned account. An auth token proves it by itself, since the account's SID is its user
 * name. An API key is proven when through it a SID recorded under the account, or a subscription that names the account,
 * has been seen; `status.provenKey` remembers that, since a key never changes its account. A sink that was made through
 * the very key says only that the key is still the same one: it counts where nothing speaks against.
 */
export function isProvenKey(
  { accountSid, key }: Pick<Snapshot, 'accountSid' | 'key'>,
  evidence: {
    /** What a LIST through this key showed: the snapshot also holds what was written through the key before. */
    readonly listedSids: ReadonlySet<string>
    readonly provenKey: string | undefined
    readonly recorded: Iterable<RecordedSink>
    readonly subscriptionAccounts: ReadonlySet<string>
    /** A recorded sink is missing, an attempt of another key is open, or another account shows the same. */
    readonly contradicted: boolean
  },
): boolean {
  if (key === accountSid || key === evidence.provenKey || evidence.subscriptionAccounts.has(accountSid))
    return true
  for (const recorded of evidence.recorded) {
    if (!evidence.listedSids.has(recorded.sid)) continue
    if (!evidence.contradicted || recorded.madeThrough !== key) return true
  }
  return false
}
