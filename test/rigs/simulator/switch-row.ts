import {
  apiCaller,
  kinesisForm,
  segmentForm,
  subscriptionForm,
  webhookForm,
  type Caller,
  type Received,
} from './api-caller.ts'
import type { SettingsInput } from './settings.ts'
import type { Simulator } from './simulator.ts'

/**
 * What is seen of the API under the defaults and with one switch turned. `see` is the same for both, so a switch
 * without effect fails.
 */
export interface SwitchRow {
  readonly set: SettingsInput
  readonly see: (eyes: Eyes) => Promise<unknown>
  readonly usual: unknown
  readonly turned: unknown
}

/** Short forms for the calls that the rows make. */
export interface Eyes {
  readonly call: Caller
  readonly simulator: Simulator
  readonly create: (form?: Record<string, string>) => Promise<Received>
  readonly webhook: (configuration: object) => Promise<Received>
  readonly kinesis: () => Promise<Received>
  readonly segment: () => Promise<Received>
  readonly subscribe: (sinkSid: string, types?: string[]) => Promise<Received>
  /** SID of a new sink with a subscription. */
  readonly inUse: () => Promise<string>
}

export function openEyes(simulator: Simulator): Eyes {
  const call = apiCaller(simulator.url)
  const create = (form: Record<string, string> = webhookForm) => call('POST', '/v1/Sinks', { form })
  const subscribe = (sinkSid: string, types?: string[]) =>
    call('POST', '/v1/Subscriptions', { form: subscriptionForm(sinkSid, types) })
  return {
    call,
    simulator,
    create,
    webhook: (configuration) => create({ ...webhookForm, SinkConfiguration: JSON.stringify(configuration) }),
    kinesis: () => create(kinesisForm),
    segment: () => create(segmentForm),
    subscribe,
    inUse: async () => {
      const { sid } = (await create()).body
      await subscribe(sid)
      return sid
    },
  }
}

/** HTTP status and Twilio code of an answer. */
export function refusal({ status, body }: Received): [number, number | undefined] {
  return [status, body.code]
}

/** The results of the same action, done so many times one after the other. */
export async function repeated<T>(count: number, action: () => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (let i = 0; i < count; i++) results.push(await action())
  return results
}
