import type { Snapshot } from './snapshot.ts'

/**
 * Whether the key belongs to the pinned account. An auth token proves it by itself, since the account's SID is its user
 * name. An API key is proven when through it a SID recorded under the account, or a subscription that names the account,
 * has been seen; `status.provenKey` remembers that, since a key never changes its account.
 */
export function isProvenKey(
  { accountSid, key }: Pick<Snapshot, 'accountSid' | 'key'>,
  evidence: {
    /** What a LIST through this key showed: the snapshot also holds what was written through the key before. */
    readonly listedSids: ReadonlySet<string>
    readonly provenKey: string | undefined
    readonly recordedSids: Iterable<string>
    readonly subscriptionAccounts: ReadonlySet<string>
  },
): boolean {
  if (key === accountSid || key === evidence.provenKey || evidence.subscriptionAccounts.has(accountSid))
    return true
  for (const sid of evidence.recordedSids) if (evidence.listedSids.has(sid)) return true
  return false
}
