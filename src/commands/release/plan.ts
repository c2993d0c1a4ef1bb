import { FINALIZER, GROUP } from '../../api/group.ts'
import type { Sink } from '../../api/sink.ts'
import { openAttemptOf, type CreateAttempt } from '../../external/create-attempt.ts'
import type { ExternalSink } from '../../external/external-sink.ts'
import type { KeyDigest } from '../../external/key-digest.ts'
import { isShortened, objectPart, readMark, sameOwner, type Owner } from '../../external/ownership-mark.ts'

/** What is to be done at Twilio before an object may go. */
export type Plan =
  /** The sink carries the object's mark: `description` is what was there without it. */
  | { readonly kind: 'unmark'; readonly sid: string; readonly description: string }
  /** The sink is as it was before, or no longer ours. */
  | { readonly kind: 'leave'; readonly sid: string; readonly because: string }
  /** There is no sink. */
  | { readonly kind: 'nothing'; readonly because: string }
  /** It is not certain: the object must stay. `because` says what to do. */
  | { readonly kind: 'keep'; readonly because: string }

/** An account at Twilio as one complete LIST has shown it. */
export interface SeenAccount {
  readonly accountSid: string
  /** The six characters that this installation writes into its marks there. */
  readonly installation: string
  /** User name of the credential that read it. */
  readonly key: string
  readonly digest: KeyDigest
  /** Whether the credential certainly belongs to the account, so that what it does not show is not there. */
  readonly proven: boolean
  readonly sinks: ReadonlyMap<string, ExternalSink>
  /**
   * Creates without a known end, as {@link sendId}, that had no time left to take effect when the LIST began. Their dates
   * do not tell: they are by the clock of another machine.
   */
  readonly waitedFor: ReadonlySet<string>
}

export const keyOf = ({ metadata }: Pick<Sink, 'metadata'>): string =>
  `${metadata.namespace}/${metadata.name}`

/** One send of a create. */
export const sendId = ({ uid, attempt, times }: CreateAttempt): string =>
  [uid, attempt, ...times.slice(-1)].join(' ')

/** The account that the object's sink is in, as far as the object itself says so. */
export const accountSidOf = (sink: Sink): string | undefined =>
  sink.status.accountSid ?? openAttemptOf(sink)?.accountSid

/** With `admissionPolicy.enabled` of the chart the API server refuses to delete a Sink that carries it. */
export const PROTECT_ANNOTATION = `${GROUP}/protect`

/** Whether a policy enforces it is not asked: a person has said that this object is to stay. */
export const isProtected = ({ metadata }: Sink): boolean =>
  metadata.annotations[PROTECT_ANNOTATION] === 'true'

/** Its deletion would be refused when its mark is gone already. */
export function planOfProtected({ metadata: { namespace, name } }: Sink): Plan {
  const because = `it is protected; if it is to go: kubectl -n ${namespace} annotate sink ${name} ${PROTECT_ANNOTATION}-, then release again`
  return { kind: 'keep', because }
}

/** Without our finalizer and without a record nothing of it can be at Twilio: it can go without a look there. */
export function planWithoutAccount(sink: Sink, why: string): Plan {
  const hasReachedTwilio = sink.status.sid !== undefined || openAttemptOf(sink) !== undefined
  return hasReachedTwilio || sink.metadata.finalizers.includes(FINALIZER)
    ? { kind: 'keep', because: why }
    : { kind: 'nothing', because: 'none was made' }
}

/** Pure. Touches only what the object has recorded or what carries its own mark. */
export function planOf(sink: Sink, account: SeenAccount): Plan {
  const recorded = account.sinks.get(sink.status.sid ?? '')
  if (recorded !== undefined) return planOfFound(sink, recorded, account)
  const owner = ownerIn(account, sink)
  const [only, ...more] = [...account.sinks.values()].filter(({ description }) =>
    isMarked(description, owner),
  )
  if (more.length > 0) {
    const because = 'more than one sink has its mark: delete all but one at Twilio, then run release again'
    return { kind: 'keep', because }
  }
  return only === undefined ? planOfUnseen(sink, account) : planOfFound(sink, only, account)
}

const ownerIn = ({ installation }: SeenAccount, sink: Sink): Owner => ({
  installation,
  object: objectPart(keyOf(sink)),
})

function isMarked(description: string, owner: Owner): boolean {
  const { mark } = readMark(description)
  return mark !== undefined && sameOwner(mark, owner)
}

/** A description that was the mark alone gets the text of the object: Twilio wants one. */
export function planOfFound(sink: Sink, { sid, description }: ExternalSink, account: SeenAccount): Plan {
  const { mark, text } = readMark(description)
  if (mark === undefined) return { kind: 'leave', sid, because: 'it carries no mark' }
  if (!sameOwner(mark, ownerIn(account, sink))) {
    const isNear = mark.installation === account.installation
    const whose = isNear ? 'another object' : `installation ${mark.installation}`
    return { kind: 'leave', sid, because: `it carries the mark of ${whose}` }
  }
  if (isShortened(description)) {
    const because = `the description of ${sid} is too long to be written again: remove the mark at its end at Twilio, then run release again`
    return { kind: 'keep', because }
  }
  return { kind: 'unmark', sid, description: text === '' ? sink.spec.description.trim() : text }
}

function planOfUnseen(sink: Sink, { key, digest, proven, waitedFor }: SeenAccount): Plan {
  const attempt = openAttemptOf(sink)
  if (attempt === undefined && sink.status.sid === undefined)
    return { kind: 'nothing', because: `none was ${sink.spec.import === undefined ? 'made' : 'taken over'}` }
  if (!proven && attempt?.key !== digest) {
    const because =
      `the key ${key} shows no sink of this account, so it may belong to another account: ` +
      'put the right key into the Secret of the TwilioAccount, or use the auth token'
    return { kind: 'keep', because }
  }
  if (attempt === undefined) return { kind: 'nothing', because: 'it is no longer at Twilio' }
  if (waitedFor.has(sendId(attempt))) return { kind: 'nothing', because: 'none was made' }
  return {
    kind: 'keep',
    because: 'Twilio may still create a sink for it: run release again, which waits for that',
  }
}
