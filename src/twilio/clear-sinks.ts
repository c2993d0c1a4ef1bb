import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { Credential } from '../reconciler/ports.ts'
import type { Clock } from '../time/clock.ts'
import type { ClearSink } from '../external/external-sink.ts'
import { TwilioFailure } from '../external/failure.ts'
import { description, sidOf, SubscriptionPage, word, type Page, readJson } from './answers.ts'
import { createSendOnce } from './send-once.ts'
import { readBaseUrl } from './http/base-url.ts'
import { createCaller } from './caller.ts'
import { createLimits } from './limits.ts'
import { createInFlight } from './call-observer.ts'
import { OPERATIONS } from './operations.ts'
import { readPages } from './paging.ts'
import { createTransport } from './http/transport.ts'

export interface ClearSinksOptions {
  /** As for `createTwilio`. */
  readonly baseUrl: string
  /** Milliseconds. */
  readonly callTimeoutMs: number
  readonly version: string
  readonly clock: Clock
  readonly random: () => number
}

/** Reads an account for an export, and changes nothing there. Everything rejects with a `TwilioFailure`. */
export interface ClearSinksReader {
  /** All sinks, configuration in clear. */
  sinks(): Promise<readonly ClearSink[]>
  /** The accounts that the subscriptions name; undefined where the key may not read them. */
  accountsOfSubscriptions(): Promise<ReadonlySet<string> | undefined>
  close(): Promise<void>
}

const ClearSinkAnswer = z
  .object({
    sid: sidOf('DG'),
    description,
    sink_type: word,
    sink_configuration: z.record(z.string(), z.unknown()).catch({}),
    date_created: word,
  })
  .transform((sink): ClearSink => ({
    sid: sink.sid,
    description: sink.description,
    sinkType: sink.sink_type,
    configuration: sink.sink_configuration,
    dateCreated: sink.date_created,
  }))

const ClearSinkPage = z
  .object({ sinks: z.array(ClearSinkAnswer), meta: z.object({ next_page_url: z.string().nullable() }) })
  .transform((page): Page<ClearSink> => ({ items: page.sinks, next: page.meta.next_page_url }))

const readSinkPage = readJson(ClearSinkPage)
const readSubscriptionPage = readJson(SubscriptionPage)

/** Throws a RangeError for a wrong base URL. */
export function createClearSinksReader(options: ClearSinksOptions, credential: Credential): ClearSinksReader {
  const { clock, random, callTimeoutMs, version } = options
  const base = readBaseUrl(options.baseUrl)
  const transport = createTransport(base.origin, callTimeoutMs)
  const monotonic = (): number => clock.monotonic()
  const closing = new AbortController()
  const limits = createLimits(1, monotonic)('export')
  const caller = createCaller({
    sendOnce: createSendOnce({
      account: 'export',
      credential,
      transport,
      userAgent: `twilio-sink-operator/${version}`,
      clock,
      mayMutate: () => false,
      observe: () => undefined,
      inFlight: createInFlight(),
    }),
    limits: () => limits,
    monotonic,
    random,
    sleep: (ms, signal) => wait(ms, undefined, { signal }),
    callTimeoutMs,
    closed: closing.signal,
  })

  const subscriptionAccounts = async (): Promise<ReadonlySet<string>> => {
    const { items } = await readPages(base.origin, `${base.prefix}/v1/Subscriptions?PageSize=1000`, (path) =>
      caller.call({ operation: OPERATIONS.ListSubscription, path, read: readSubscriptionPage }),
    )
    return new Set(items.flatMap(({ accountSid }) => accountSid ?? []))
  }

  return {
    sinks: async () => {
      const { items } = await readPages(base.origin, `${base.prefix}/v1/Sinks?PageSize=1000`, (path) =>
        caller.call({ operation: OPERATIONS.ListSink, path, read: readSinkPage }),
      )
      return items
    },
    accountsOfSubscriptions: () =>
      subscriptionAccounts().catch((error: unknown) => {
        const mayNot =
          error instanceof TwilioFailure && (error.kind === 'forbidden' || error.kind === 'unauthorized')
        if (mayNot) return undefined
        throw error
      }),
    close: async () => {
      closing.abort(new Error('The client was closed'))
      await transport.close()
    },
  }
}
