import type { CallingAccount, ConnectTwilio, Credential } from '../reconciler/ports.ts'
import { pause, type Clock } from '../time/clock.ts'
import { createSendOnce } from './send-once.ts'
import { readBaseUrl, type BaseUrl } from './http/base-url.ts'
import { Caller, type CallerParts, type WhileWaiting } from './caller.ts'
import { LimitGroups } from './limits.ts'
import { createInFlight, type ObserveCall } from './call-observer.ts'
import { createSinksApi } from './sinks-api.ts'
import { createTransport } from './http/transport.ts'

export interface TwilioOptions {
  /** `https://events.twilio.com`, or wherever it is imitated; may have a path. http is for loopback only. */
  readonly baseUrl: string
  /** The HTTP proxy on the way there. */
  readonly proxy?: URL | undefined
  /** Bounds one request and its answer as a whole, in milliseconds. */
  readonly callTimeoutMs: number
  readonly maxCallsPerAccount: number
  /** Version of this program, for the `User-Agent`. */
  readonly version: string
  readonly clock: Clock
  /** From 0 inclusive to 1 exclusive. */
  readonly random: () => number
  /** Asked right before each request that changes something; a no ends the call as `not-sent`. */
  readonly mayMutate: () => boolean
  readonly observe?: ObserveCall
  readonly whileWaiting?: WhileWaiting
  /** Replaces waiting, in tests. */
  readonly pause?: CallerParts['pause']
}

export interface Twilio {
  readonly connect: ConnectTwilio
  /** Requests in flight by account name, for a gauge. */
  readonly inFlight: () => ReadonlyMap<string, number>
  /** Gives up at once what waits and what reads, but for what must last; writes in flight go on. */
  readonly endReads: () => void
  /** Ends what waits (`not-sent`) and what reads; resolves when the writes in flight have ended. */
  readonly close: () => Promise<void>
}

/** Access to Twilio for all accounts. Throws a RangeError for a wrong base URL. */
export function createTwilio(options: TwilioOptions): Twilio {
  const { base, callerFor, inFlight, endReads, close } = createCallers(options)
  return {
    connect: (account, credential) => createSinksApi(base, callerFor(account, credential)),
    inFlight,
    endReads,
    close,
  }
}

/** Calls of all accounts, over one pool of connections. */
export interface Callers extends Pick<Twilio, 'inFlight' | 'endReads' | 'close'> {
  readonly base: BaseUrl
  readonly callerFor: (account: Pick<CallingAccount, 'name' | 'limits'>, credential: Credential) => Caller
}

/** Throws a RangeError for a wrong base URL. */
export function createCallers(options: TwilioOptions): Callers {
  const { clock, random, callTimeoutMs, mayMutate } = options
  const base = readBaseUrl(options.baseUrl)
  const transport = createTransport(base.origin, callTimeoutMs, options.proxy)
  const monotonic = (): number => clock.monotonic()
  const groups = new LimitGroups(options.maxCallsPerAccount, monotonic)
  const inFlight = createInFlight()
  const ending = new AbortController()
  const closing = new AbortController()
  const observe = options.observe ?? ((): void => undefined)
  const userAgent = `twilio-sink-operator/${options.version}`
  const { whileWaiting = (wait) => wait() } = options
  const endReads = (): void => {
    ending.abort(new Error('The process ends'))
    transport.endReads()
  }
  const timing = { monotonic, random, callTimeoutMs, pause: options.pause ?? pause }
  const waiting = { ...timing, whileWaiting, ending: ending.signal, closed: closing.signal }
  return {
    base,
    callerFor: ({ name, limits }, credential) => {
      const shared = { transport, userAgent, clock, mayMutate, observe, inFlight }
      const sendOnce = createSendOnce({ ...shared, account: name, credential })
      return new Caller({ ...waiting, sendOnce, limits: () => groups.of(limits()) })
    },
    inFlight: inFlight.counts,
    endReads,
    close: async () => {
      endReads()
      closing.abort(new Error('The client was closed'))
      await transport.close()
    },
  }
}
