import { z } from 'zod'
import { asTwilioWrites } from '../api/identifier.ts'
import { withoutControls } from '../api/shown-text.ts'
import type { Subscription } from '../reconciler/ports.ts'
import { fingerprints, type ExternalSink } from '../external/external-sink.ts'
import { boundedDescription } from '../external/ownership-mark.ts'
import { parseJson } from './error-body.ts'
import type { Reading } from './operations.ts'

/**
 * Here every text of Twilio's becomes a short one that people can be shown, before anything else looks at it: everybody
 * with an account can put a megabyte, or a line break, into a description.
 */

/** Twilio declares every field nullable; an absent text is an empty one. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')

/** A SID, a word or a time. */
const LONGEST_WORD = 64

export const word = text.transform((value) => withoutControls(value.trim().slice(0, LONGEST_WORD)).trim())

/** With the mark at its end, however long it is. */
export const description = text.transform(boundedDescription)

const matching = (pattern: RegExp) => word.transform((value) => (pattern.test(value) ? value : ''))

const time = matching(/^[\d:.+TZ-]+$/u)

/** Where Twilio serves a sink, or an imitation on this machine does. Anything else may hold anything. */
const SINK_URL =
  /^https?:\/\/(events(\.[a-z0-9-]{1,20}){0,2}\.twilio\.com|localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?(\/[a-z0-9]{1,8}){0,3}\/Sinks\/DG[0-9a-f]{32}$/iu
const LONGEST_URL = 256

const sinkUrl = text.transform((value) => (value.length <= LONGEST_URL && SINK_URL.test(value) ? value : ''))

/** In the form in which SIDs are compared, whatever case an answer has one day. */
export const sidOf = (prefix: Prefix) => z.string().regex(SIDS[prefix]).transform(asTwilioWrites)

type Prefix = 'AC' | 'DG' | 'DF'
const SIDS: Readonly<Record<Prefix, RegExp>> = {
  AC: /^AC[0-9a-fA-F]{32}$/u,
  DG: /^DG[0-9a-fA-F]{32}$/u,
  DF: /^DF[0-9a-fA-F]{32}$/u,
}

/** Undefined: it says nothing about it. */
const maybe = (prefix: Prefix) =>
  matching(SIDS[prefix]).transform((sid) => (sid === '' ? undefined : asTwilioWrites(sid)))

/** Anything but an object says nothing that could be compared. */
const configuration = z.record(z.string(), z.unknown()).catch({}).transform(fingerprints)

/** Types and statuses that we do not know pass as they are; only the SID must be one, since everything hangs on it. */
export const ExternalSinkAnswer = z
  .object({
    sid: sidOf('DG'),
    description,
    sink_type: word,
    status: word,
    sink_configuration: configuration,
    date_created: time,
    date_updated: time,
    url: sinkUrl,
  })
  .transform((sink): ExternalSink => ({
    sid: sink.sid,
    description: sink.description,
    sinkType: sink.sink_type,
    status: sink.status,
    configuration: sink.sink_configuration,
    dateCreated: sink.date_created,
    dateUpdated: sink.date_updated,
    url: sink.url,
  }))

export const SubscriptionAnswer = z
  .object({ sid: sidOf('DF'), account_sid: maybe('AC'), sink_sid: maybe('DG') })
  .transform((subscription): Subscription => ({
    sid: subscription.sid,
    accountSid: subscription.account_sid,
    sinkSid: subscription.sink_sid,
  }))

export interface Page<T> {
  readonly items: readonly T[]
  /** As received; null on the last page. */
  readonly next: string | null
}

/** `next_page_url` must be there, null or not: a list that does not say where it ends proves no absence. */
const meta = z.object({ next_page_url: z.string().nullable() })

export const SinkPage = z
  .object({ sinks: z.array(ExternalSinkAnswer), meta })
  .transform((page): Page<ExternalSink> => ({ items: page.sinks, next: page.meta.next_page_url }))

export const SubscriptionPage = z
  .object({ subscriptions: z.array(SubscriptionAnswer), meta })
  .transform((page): Page<Subscription> => ({ items: page.subscriptions, next: page.meta.next_page_url }))

/**
 * Of Test and Validate: one to four plain words, or nothing. What has a digit may be a part of a secret, which Twilio
 * was sent with the request.
 */
const result = matching(/^[a-z]{1,16}([ _-][a-z]{1,16}){0,3}$/iu)

export const ResultAnswer = z.object({ result }).transform((answer) => answer.result)

/** Reads JSON by a schema. The problem names at most three places and no value of the answer. */
export function readJson<T>(schema: z.ZodType<T>): (body: string | undefined) => Reading<T> {
  return (body) => {
    const json = parseJson(body)
    if (json === undefined) return { readable: false, problem: 'no JSON' }
    const parsed = schema.safeParse(json)
    if (parsed.success) return { readable: true, value: parsed.data }
    return { readable: false, problem: placesOf(parsed.error) }
  }
}

/** For an answer whose status says everything. */
export const readNothing = (): Reading<void> => ({ readable: true, value: undefined })

/** Only what the value itself says is accepted; `problem` is shown otherwise. */
export function readOnlyIf<T>(
  read: (body: string | undefined) => Reading<T>,
  accept: (value: T) => boolean,
  problem: string,
): (body: string | undefined) => Reading<T> {
  return (body) => {
    const reading = read(body)
    return reading.readable && !accept(reading.value) ? { readable: false, problem } : reading
  }
}

function placesOf(error: z.ZodError): string {
  const places = error.issues.slice(0, 3).map((issue) => issue.path.map(String).join('.') || 'the whole')
  return `not as expected: ${places.join(', ')}`
}
