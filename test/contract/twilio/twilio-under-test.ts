import { expect } from 'vitest'
import { systemClock, type Moment } from '../../../src/time/clock.ts'
import type { CallingAccount, Credential, TwilioAccountApi } from '../../../src/reconciler/ports.ts'
import { TwilioFailure } from '../../../src/external/failure.ts'
import { createTwilio, type Twilio, type TwilioOptions } from '../../../src/twilio/client.ts'
import type { ObservedCall } from '../../../src/twilio/call-observer.ts'

export const CALLING_SID = `AC${'a'.repeat(32)}`
export const CREDENTIAL: Credential = { username: CALLING_SID, password: 'canary-auth-token-0123456789' }
export const CALLED_SINK = `DG${'1'.repeat(32)}`

/** All objects of one account share their limits. */
export const accountOf = (name: string, accountSid: string): CallingAccount => ({
  name,
  accountSid,
  limits: () => accountSid,
})

export interface UnderTest extends AsyncDisposable {
  readonly twilio: Twilio
  readonly account: TwilioAccountApi
  readonly observed: readonly ObservedCall[]
  /** What the client wanted to wait, in milliseconds; it waits a hundredth of it. */
  readonly waited: readonly number[]
}

/** The real client at a server, with waits that take no time on a clock that jumps over them. */
export function twilioAt(baseUrl: string, options: Partial<TwilioOptions> = {}): UnderTest {
  const observed: ObservedCall[] = []
  const waited: number[] = []
  let skipped = 0
  const twilio = createTwilio({
    baseUrl,
    callTimeoutMs: 2_000,
    maxCallsPerAccount: 4,
    version: '0.0.0-test',
    clock: { now: () => Date.now() + skipped, monotonic: () => performance.now() + skipped },
    random: () => 0.5,
    mayMutate: () => true,
    observe: (call) => observed.push(call),
    async pause(milliseconds, signal) {
      if (signal.aborted) return
      waited.push(milliseconds)
      skipped += milliseconds
    },
    ...options,
  })
  return {
    twilio,
    account: twilio.connect(accountOf('shop/default', CALLING_SID), CREDENTIAL),
    observed,
    waited,
    [Symbol.asyncDispose]: () => twilio.close(),
  }
}

export const never: Moment = { monotonic: Number.POSITIVE_INFINITY, wall: Number.POSITIVE_INFINITY }

/** In `ms` milliseconds, on both clocks. */
export const inTime = (ms: number): Moment => ({
  monotonic: systemClock.monotonic() + ms,
  wall: systemClock.now() + ms,
})

export const NEW_SINK = {
  description: 'Orders & more [k8s:abcdef/abcdefghijkl/1]',
  sinkType: 'webhook',
  configuration: {
    destination: 'https://user:canary-password@warehouse.example.com/hook?token=canary-query',
    method: 'POST',
    batch_events: false,
  },
}

export const create = (account: TwilioAccountApi, notAfter = never) =>
  account.writes.withCreateSlot((post) => post(NEW_SINK, notAfter))

export const update = (account: TwilioAccountApi, sid: string, description: string, notAfter = never) =>
  account.writes.withChangeSlot((change) => change.updateDescription(sid, description, notAfter))

export const deleteAt = (account: TwilioAccountApi, sid: string, notAfter = never) =>
  account.writes.withChangeSlot((change) => change.deleteSink(sid, notAfter))

export function sinkBody(changes: Record<string, unknown> = {}) {
  return {
    sid: CALLED_SINK,
    description: 'Orders',
    sink_type: 'webhook',
    sink_configuration: { destination: 'https://warehouse.example.com', method: 'post', batch_events: false },
    status: 'active',
    date_created: '2026-01-01T00:00:00Z',
    date_updated: '2026-01-01T00:00:00Z',
    url: `https://events.twilio.com/v1/Sinks/${CALLED_SINK}`,
    ...changes,
  }
}

export const numberedSid = (number: number): string => `DG${number.toString(16).padStart(32, '0')}`

export function sinkPage(numbers: readonly number[], next: string | null = null) {
  return {
    sinks: numbers.map((number) => sinkBody({ sid: numberedSid(number) })),
    meta: { next_page_url: next, key: 'sinks' },
  }
}

/** The failure that a call ends with; anything else fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<TwilioFailure> {
  const error = await call.then(
    () => expect.unreachable('It succeeded'),
    (reason: unknown) => reason,
  )
  if (error instanceof TwilioFailure) return error
  throw error
}

/** Everything that anybody could print of an error, its causes included. */
export function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error)
  const own = Object.getOwnPropertyNames(error).map((name) => `${name}=${String(Reflect.get(error, name))}`)
  return `${own.join('\n')}\n${JSON.stringify(error)}\n${error.cause === undefined ? '' : everythingOf(error.cause)}`
}
