import { CREATE_ATTEMPT_ANNOTATION } from '../api/group.ts'
import { asTwilioWrites } from '../api/identifier.ts'
import type { PartialSink, SinkStatus } from '../api/sink.ts'
import { asKeyDigest, type KeyDigest } from './key-digest.ts'
import { LARGEST_NUMBER } from './ownership-mark.ts'

/**
 * The journal of the create protocol: annotation `events.twilio.com/create-attempt`, written before the
 * POST. A process that finds it without a recorded end knows that a sink with this number may exist at Twilio.
 */
export interface CreateAttempt {
  /** UID of the object that it was made for: a copied annotation is about another object. */
  readonly uid: string
  readonly attempt: number
  readonly accountSid: string
  /** The key that sent the request. */
  readonly key: KeyDigest
  /** RFC 3339, the last three attempts, oldest first. */
  readonly times: readonly string[]
  /** Generation of the object that it was made for: while it is still that one, the sink was made from this very spec. */
  readonly generation?: number | undefined
  /** Digest of type and configuration as they were sent; not where a value comes from a Secret. It outlives the object. */
  readonly sent?: string | undefined
  /** Namespace of the operator that wrote it: replicas share it, another installation has another one. */
  readonly operator?: string | undefined
}

/** An attempt whose end is not known: of the journal, or of the memory of the process. */
export interface OpenAttempt {
  readonly number: number
  readonly accountSid: string
  readonly key: KeyDigest
  /** UID of the object that it was made for. */
  readonly uid: string
  /** RFC 3339, as in the journal. */
  readonly times: readonly string[]
  /** A complete LIST has begun after the settle time. */
  readonly settled: boolean
  /** When the settle time ends. */
  readonly settlesAt: number
  /** A sink with its mark is in the snapshot of its account. */
  readonly seen: boolean
  /** Settled, not seen, and through a key that is trusted. */
  readonly absent: boolean
  /** Not seen, and no key at hand is a witness for it: whatever those show, its absence is not trusted. */
  readonly unwitnessed: boolean
}

/** How many attempts the journal remembers, and how many creates an object may cause within an hour. */
export const REMEMBERED_ATTEMPTS = 3

/** For so long the attempts of one object are counted together, in milliseconds. */
export const ATTEMPTS_WITHIN = 3_600_000

/**
 * How many settle times an attempt without an answer is waited for: twice as many after each one before it, since a Twilio
 * that answers late may be late by more than was thought. `times`: up to this attempt, RFC 3339.
 */
export function settleTimes(times: readonly string[]): number {
  const all = times.slice(-REMEMBERED_ATTEMPTS).map((time) => Date.parse(time))
  const last = all.at(-1) ?? 0
  const before = all.slice(0, -1).filter((time) => time <= last && last - time < ATTEMPTS_WITHIN)
  return 2 ** before.length
}

/** Longest journal, and longest text in it. One of ours is a quarter of that; people can write anything. */
const LONGEST_JOURNAL = 2_048
const LONGEST_TEXT = 256

export const formatAttempt = (attempt: CreateAttempt): string => JSON.stringify(attempt)

/**
 * Undefined for what is not such a journal: people can write anything into an annotation. The number after the one
 * in it must still fit a mark.
 */
export function parseAttempt(annotation: string | undefined): CreateAttempt | undefined {
  if (annotation === undefined || annotation.length > LONGEST_JOURNAL) return undefined
  const value = parseJson(annotation)
  if (typeof value !== 'object' || value === null) return undefined
  const written: Partial<Record<keyof CreateAttempt, unknown>> = value
  const { uid, attempt, accountSid, key, times, generation, sent, operator } = written
  if (!isText(uid) || !isText(accountSid) || !isText(key)) return undefined
  if (typeof attempt !== 'number' || !Number.isInteger(attempt)) return undefined
  if (attempt < 1 || attempt >= LARGEST_NUMBER) return undefined
  return {
    ...{ uid, attempt, accountSid: asTwilioWrites(accountSid), key: asKeyDigest(key) },
    times: texts(times).slice(-REMEMBERED_ATTEMPTS),
    ...(typeof generation === 'number' && { generation }),
    ...(isText(sent) && { sent }),
    ...(isText(operator) && { operator }),
  }
}

/** The attempt in the journal of this very object whose end is not recorded; undefined: there is none. */
export function openAttemptOf(
  { metadata, status }: PartialSink,
  attempt = parseAttempt(metadata.annotations[CREATE_ATTEMPT_ANNOTATION]),
): CreateAttempt | undefined {
  if (attempt === undefined || attempt.uid !== metadata.uid) return undefined
  return attempt.attempt > (status.createAttempt ?? 0) ? attempt : undefined
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST_TEXT

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isText) : []
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What is known of the creates of one object. */
interface Attempts {
  readonly attempts: readonly OpenAttempt[]
}

/** The account that `status.accountSid`, or an open attempt not yet confirmed absent there, names, if it is not this one. */
export function otherAccount(
  { object, attempts }: Attempts & { readonly object: { readonly status: Pick<SinkStatus, 'accountSid'> } },
  account: { readonly accountSid: string },
): { readonly accountSid: string; readonly inDoubt: boolean } | undefined {
  const { accountSid } = object.status
  if (accountSid !== undefined && accountSid !== account.accountSid) return { accountSid, inDoubt: false }
  const open = attempts.find((attempt) => attempt.accountSid !== account.accountSid && !attempt.absent)
  return open === undefined ? undefined : { accountSid: open.accountSid, inDoubt: true }
}

/** An attempt of which nothing can be said yet: its sink is not seen, and it is too early to believe that there is none. */
export function unsettledAttempt({ attempts }: Attempts): OpenAttempt | undefined {
  return attempts.find((attempt) => !attempt.settled && !attempt.seen)
}

/** An attempt about which the key in use may say nothing: another one has sent it. */
export function unwitnessedAttempt({ attempts }: Attempts): OpenAttempt | undefined {
  return attempts.find(({ unwitnessed }) => unwitnessed)
}

/** An attempt whose sink was not seen, and is not yet certain never to appear. */
export function unseenAttempt({ attempts }: Attempts): OpenAttempt | undefined {
  return attempts.find((attempt) => !attempt.seen && !attempt.absent)
}
