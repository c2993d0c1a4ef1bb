import { Refusal, codes } from './errors.ts'
import { isSid } from './sids.ts'
import type { Settings } from './settings.ts'
import type { AccountStore, SinkRecord, SubscriptionRecord } from './store.ts'

/** One call, as an operation sees it: everything is read, the account is known. */
export interface Call {
  readonly store: AccountStore
  readonly settings: Settings
  readonly accountSid: string
  readonly form: URLSearchParams
  readonly query: URLSearchParams
  /** The SID and the event type of the path; empty where the path has none. */
  readonly sid: string
  readonly eventType: string
  readonly path: string
  /** Origin for the URLs in answers. */
  readonly origin: string
  /** How far back LISTs and GETs look. */
  readonly listLagMs: number
  readonly fetchLagMs: number
  readonly newTestId: () => string
}

export interface Answer {
  readonly status: number
  /** Absent for 204. */
  readonly body?: object
  /** What a create made. */
  readonly sid?: string
}

/** Applies the rules of the API at once, without waiting; throws a Refusal when it writes nothing. */
export type Operation = (call: Call) => Answer

/** The sink of the path, as it was `lagMs` ago. Throws a Refusal. */
export function findSink(call: Call, sid: string, lagMs = 0): SinkRecord {
  const sink = isSid(sid, 'DG') ? call.store.sinks.get(sid, lagMs) : undefined
  if (sink) return sink
  if (!isSid(sid, 'DG') && call.settings.malformedSid === 'refused') {
    throw new Refusal(400, codes.malformedSid, `Sink SID ${sid} does not match dg[0-9a-f]{32}`)
  }
  const code = isSid(sid, 'DG') ? call.settings.notFoundCode : codes.sinkNotFound
  throw new Refusal(404, code, `The requested resource ${call.path} was not found`)
}

/** The subscription of the path, as it was `lagMs` ago. Throws a Refusal. */
export function findSubscription(call: Call, lagMs = 0): SubscriptionRecord {
  const subscription = call.store.subscriptions.get(call.sid, lagMs)
  if (subscription) return subscription
  const code = call.settings.notFoundCode === codes.notFound ? codes.notFound : codes.subscriptionNotFound
  throw new Refusal(404, code, `The requested resource ${call.path} was not found`)
}

export function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** Address of a list, without its query; on the host of the request unless the settings say otherwise. */
export function pageUrl({ settings, origin, path }: Call): string {
  return (settings.pageUrlOrigin ?? origin) + path
}
