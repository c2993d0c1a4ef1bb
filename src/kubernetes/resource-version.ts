/**
 * A resourceVersion as a number. Kubernetes promises since 1.35 that those of one kind may be compared so, as long as
 * etcd's history is one; after a restore it is not, which is why numbers count within one session only.
 * 0 for what is no number, so that it never counts as newer.
 */
export function versionOf(resourceVersion: string | undefined): bigint {
  return resourceVersion !== undefined && /^\d{1,30}$/u.test(resourceVersion) ? BigInt(resourceVersion) : 0n
}
