import { z } from 'zod'
import type { Credential } from '../reconciler/ports.ts'
import type { ClearSink } from '../external/external-sink.ts'
import { TwilioFailure } from '../external/failure.ts'
import { description, sidOf, SubscriptionPage, word, type Page, readJson } from './answers.ts'
import type { Caller } from './caller.ts'
import { createCallers, type Callers, type TwilioOptions } from './client.ts'
import { OPERATIONS, type TwilioCall } from './operations.ts'
import { readPages } from './paging.ts'

export type ClearSinksOptions = Omit<TwilioOptions, 'maxCallsPerAccount' | 'mayMutate' | 'observe'>

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

/** Reads an account for an export, and changes nothing there. Everything rejects with a `TwilioFailure`. */
export class ClearSinksReader {
  readonly #callers: Callers
  readonly #caller: Caller

  /** Throws a RangeError for a wrong base URL. */
  constructor(options: ClearSinksOptions, credential: Credential) {
    this.#callers = createCallers({ ...options, maxCallsPerAccount: 1, mayMutate: () => false })
    this.#caller = this.#callers.callerFor({ name: 'export', limits: () => 'export' }, credential)
  }

  /** All sinks, configuration in clear. */
  sinks(): Promise<readonly ClearSink[]> {
    return this.#list('Sinks', { operation: OPERATIONS.ListSink, read: readSinkPage })
  }

  /** The accounts that the subscriptions name; undefined where the key may not read them. */
  async accountsOfSubscriptions(): Promise<ReadonlySet<string> | undefined> {
    try {
      const call = { operation: OPERATIONS.ListSubscription, read: readSubscriptionPage }
      const subscriptions = await this.#list('Subscriptions', call)
      return new Set(subscriptions.flatMap(({ accountSid }) => accountSid ?? []))
    } catch (error) {
      const mayNot =
        error instanceof TwilioFailure && (error.kind === 'forbidden' || error.kind === 'unauthorized')
      if (mayNot) return undefined
      throw error
    }
  }

  close(): Promise<void> {
    return this.#callers.close()
  }

  async #list<T extends { readonly sid: string }>(
    collection: string,
    call: Pick<TwilioCall<Page<T>>, 'operation' | 'read'>,
  ): Promise<readonly T[]> {
    const { origin, prefix } = this.#callers.base
    const { items } = await readPages(origin, `${prefix}/v1/${collection}?PageSize=1000`, (path) =>
      this.#caller.call({ ...call, path }),
    )
    return items
  }
}
