import type { SinkStatus } from '../api/sink.ts'
import { cut } from '../api/status-length.ts'
import type { ExternalSink } from './external-sink.ts'
import { readMark, sameOwner, type Owner } from './ownership-mark.ts'

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
  /** Recorded: when Twilio created the sink, as the status says beside the SID (`recordedSince`). */
  readonly dateCreated?: string | undefined
  /** Recorded: `spec.import` names the sink, too. */
  readonly imports?: boolean
  /** What is recorded cannot be read; the sink is what `spec.import` names. */
  readonly lost?: boolean
}

/**
 * The claims that count. A sink that this object has recorded and that carries its mark is its own, whatever others have
 * in their statuses; a mark alone can be forged at Twilio. A SID alone can be written into a status by hand: a SID that
 * the rest of the status does not confirm counts as the wish of `spec.import`, if that names it, and else as nothing.
 */
export function standing(
  claims: readonly Claim[],
  sink: ExternalSink,
  own: { readonly owner: Owner; readonly sid: string | undefined },
): Claim[] {
  const { mark } = readMark(sink.description)
  if (mark !== undefined && sameOwner(mark, own.owner) && own.sid === sink.sid) return []
  return claims.flatMap((claim) => {
    // What cannot be read may confirm it as well: an older wish must not take the sink meanwhile.
    if (claim.kind === 'wished' || claim.lost === true || isBorneOut(claim, sink)) return [claim]
    return claim.imports === true ? [{ ...claim, kind: 'wished' }] : []
  })
}

/**
 * Our own claim, measured like those of others, or two would both go first; a mark, which is ours then, confirms it,
 * too.
 */
export function ownClaim(
  { claim, status }: { readonly claim: Claim; readonly status: SinkStatus },
  sink: ExternalSink,
): Claim {
  const isMarked = readMark(sink.description).mark !== undefined
  const isKnown = isMarked || isBorneOut({ dateCreated: recordedSince(status) }, sink)
  const isRecorded = status.sid === sink.sid && isKnown
  return { ...claim, kind: isRecorded ? 'recorded' : 'wished' }
}

/** When Twilio created the recorded sink, unless the rest of the status speaks of another SID. */
export const recordedSince = ({
  sid,
  url,
  dateCreated,
}: Pick<SinkStatus, 'sid' | 'url' | 'dateCreated'>): string | undefined =>
  sid !== undefined && url?.includes(sid) === true ? dateCreated : undefined

/** A person who knows only a SID does not know when Twilio created the sink; and that time never changes. */
export const isBorneOut = (
  { dateCreated }: Pick<Claim, 'dateCreated'>,
  sink: Pick<ExternalSink, 'dateCreated'>,
): boolean =>
  dateCreated !== undefined && dateCreated !== '' && dateCreated === cut(sink.dateCreated, 'dateCreated')

/** Recorded goes before wished for; of equals the older that matches. Returns the first of all, unless it is ours. */
export function betterClaim(own: Claim, others: readonly Claim[]): Claim | undefined {
  const competing = others.filter(({ uid }) => uid !== own.uid)
  const first = competing.reduce((best, other) => (goesBefore(other, best) ? other : best), own)
  return first === own ? undefined : first
}

function goesBefore(other: Claim, own: Claim): boolean {
  if (other.kind !== own.kind) return other.kind === 'recorded'
  if (other.matches !== own.matches) return other.matches
  return other.created === own.created ? other.uid < own.uid : other.created < own.created
}
