import { z } from 'zod'
import type { Subscription } from '../reconciler/ports.ts'
import { fingerprints, type ExternalSink } from '../sink/external-sink.ts'

/** Twilio declares every field nullable; an absent text is an empty one. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')

/** Anything but an object says nothing that could be compared. */
const configuration = z.record(z.string(), z.unknown()).catch({}).transform(fingerprints)

/** Types and statuses that we do not know pass as they are; only the SID must be one, since everything hangs on it. */
export const ExternalSinkAnswer = z
  .object({
    sid: z.string().regex(/^DG[0-9a-fA-F]{32}$/u),
    description: text,
    sink_type: text,
    status: text,
    sink_configuration: configuration,
    date_created: text,
    date_updated: text,
    url: text,
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
  .object({ sid: z.string().regex(/^DF[0-9a-fA-F]{32}$/u), account_sid: text, sink_sid: text })
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

/** Of Test and Validate. */
export const ResultAnswer = z.object({ result: text }).transform((answer) => answer.result)
