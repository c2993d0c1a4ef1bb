/** What an object wants of an external sink. */
export interface Claim {
  /** `namespace/name` of the Sink object. */
  readonly key: string
  readonly uid: string
  /** `creationTimestamp`, RFC 3339. */
  readonly created: string
  /** `recorded`: its SID is in the status; `wished`: in `spec.import`. */
  readonly kind: 'recorded' | 'wished'
  /** Whether the sink is what the object describes. */
  readonly matches: boolean
}

/** Recorded goes before wished for; of equals the older that matches. Returns the first of all, unless it is ours. */
export function betterClaim(own: Claim, others: readonly Claim[]): Claim | undefined {
  const rivals = others.filter(({ uid }) => uid !== own.uid)
  const first = rivals.reduce((best, other) => (goesBefore(other, best) ? other : best), own)
  return first === own ? undefined : first
}

function goesBefore(other: Claim, own: Claim): boolean {
  if (other.kind !== own.kind) return other.kind === 'recorded'
  if (other.matches !== own.matches) return other.matches
  return other.created === own.created ? other.uid < own.uid : other.created < own.created
}
