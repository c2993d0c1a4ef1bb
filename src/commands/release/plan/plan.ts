import type { Sink } from '../../../api/sink.ts'
import { openAttemptOf, type CreateAttempt } from '../../../sink/create-attempt.ts'
import type { ExternalSink } from '../../../sink/external-sink.ts'
import type { KeyDigest } from '../../../sink/key-digest.ts'
import { isShortened, objectPart, readMark, type Mark } from '../../../sink/ownership-mark.ts'

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
  /** User name of the credential that read it. */
  readonly key: string
  readonly digest: KeyDigest
  /** Whether the credential certainly belongs to the account, so that what it does not show is not there. */
  readonly proven: boolean
  readonly sinks: ReadonlyMap<string, ExternalSink>
}

export interface PlanSettings {
  /** The six characters that this installation writes into its marks. */
  readonly installation: string
  /**
   * Creates without a known end, as {@link sendId}, that had no time left to take effect when the LIST of the account
   * began. Their dates do not tell: they are by the clock of another machine.
   */
  readonly waitedFor: ReadonlySet<string>
}

export const keyOf = ({ metadata }: Sink): string => `${metadata.namespace}/${metadata.name}`

/** One send of a create. */
export const sendId = ({ uid, attempt, times }: CreateAttempt): string =>
  [uid, attempt, ...times.slice(-1)].join(' ')

/** The account that the object's sink is in, as far as the object itself says so. */
export const accountSidOf = (sink: Sink): string | undefined =>
  sink.status.accountSid ?? openAttemptOf(sink)?.accountSid

/** Whether the object ever reached Twilio: one that did not can go without a look there. */
export const hasReachedTwilio = (sink: Sink): boolean =>
  sink.status.sid !== undefined || openAttemptOf(sink) !== undefined

/** Pure. Touches only what the object has recorded or what carries its own mark. */
export function planOf(sink: Sink, account: SeenAccount, settings: PlanSettings): Plan {
  const recorded = sink.status.sid === undefined ? undefined : account.sinks.get(sink.status.sid)
  if (recorded !== undefined) return planOfRecorded(sink, recorded, settings)
  const [only, ...more] = markedFor(sink, account, settings)
  if (more.length > 0) {
    const because = 'more than one sink has its mark: delete all but one at Twilio, then run release again'
    return { kind: 'keep', because }
  }
  if (only !== undefined) return unmark(sink, only)
  return planOfUnseen(sink, account, settings)
}

/** The sinks that carry exactly the mark of this object. */
export function markedFor(sink: Sink, account: SeenAccount, settings: PlanSettings): ExternalSink[] {
  return [...account.sinks.values()].filter(({ description }) => {
    const { mark } = readMark(description)
    return mark !== undefined && isOwn(sink, mark, settings)
  })
}

const isOwn = (sink: Sink, mark: Mark, { installation }: PlanSettings): boolean =>
  mark.installation === installation && mark.object === objectPart(keyOf(sink))

function planOfRecorded(sink: Sink, recorded: ExternalSink, settings: PlanSettings): Plan {
  const { mark } = readMark(recorded.description)
  const { sid } = recorded
  if (mark === undefined) return { kind: 'leave', sid, because: 'it carries no mark' }
  if (isOwn(sink, mark, settings)) return unmark(sink, recorded)
  const whose =
    mark.installation === settings.installation ? 'another object' : `installation ${mark.installation}`
  return { kind: 'leave', sid, because: `it carries the mark of ${whose}` }
}

/** A description that was the mark alone gets the text of the object: Twilio wants one. */
function unmark(sink: Sink, { sid, description }: ExternalSink): Plan {
  if (isShortened(description)) {
    const because = `the description of ${sid} is too long to be written again: remove the mark at its end at Twilio, then run release again`
    return { kind: 'keep', because }
  }
  const { text } = readMark(description)
  return { kind: 'unmark', sid, description: text === '' ? sink.spec.description.trim() : text }
}

function planOfUnseen(sink: Sink, account: SeenAccount, settings: PlanSettings): Plan {
  const attempt = openAttemptOf(sink)
  if (attempt === undefined && sink.status.sid === undefined)
    return { kind: 'nothing', because: `none was ${sink.spec.import === undefined ? 'made' : 'taken over'}` }
  if (!account.proven && attempt?.key !== account.digest) {
    const because =
      `the key ${account.key} shows no sink of this account, so it may belong to another account: ` +
      'put the right key into the Secret of the TwilioAccount, or use the auth token'
    return { kind: 'keep', because }
  }
  if (attempt === undefined) return { kind: 'nothing', because: 'it is no longer at Twilio' }
  if (settings.waitedFor.has(sendId(attempt))) return { kind: 'nothing', because: 'none was made' }
  return {
    kind: 'keep',
    because: 'Twilio may still create a sink for it: run release again, which waits for that',
  }
}
