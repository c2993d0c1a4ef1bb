import type { CallObserver } from '../kubernetes/client/connection.ts'
import type { ListWatchTrouble } from '../kubernetes/cache/list-watch-state.ts'
import type { ListWatchObserver } from '../kubernetes/cache/list-watch.ts'
import type { Instruments } from './instruments.ts'
import type { ObserveCall } from '../twilio/call-observer.ts'

/** What goes out to the API server and to Twilio. */
export interface CallMetrics {
  readonly kubernetesCalls: CallObserver
  listWatch(resource: string): ListWatchObserver
  readonly twilioCalls: ObserveCall
  /** Ends the series of an account that exists no longer: no later call of it may be counted. */
  accountGone(account: string): void
}

export function createCallMetrics(make: Instruments): CallMetrics {
  return {
    kubernetesCalls: kubernetesCalls(make),
    listWatch: listWatch(make),
    ...twilioCalls(make),
  }
}

function kubernetesCalls(make: Instruments): CallObserver {
  const requests = make.counter(
    'rest_client_requests_total',
    'Requests to the API server; `code` is the HTTP status, or `<error>` if there was no answer.',
    'code',
    'method',
    'host',
  )
  const time = make.durations(
    'rest_client_request_duration_seconds',
    'Duration of requests to the API server.',
    'verb',
    'host',
  )
  return ({ method, host, code, ms }) => {
    requests.labels(code, method, host).inc()
    time.labels(method, host).observe(ms / 1000)
  }
}

/** At 0 from the start, so that the first one shows as an increase. */
const REASONS: Readonly<Record<ListWatchTrouble | 'ended', true>> = {
  ended: true,
  expired: true,
  'not-served': true,
  refused: true,
  overloaded: true,
  silent: true,
  malformed: true,
  short: true,
  broken: true,
}

function listWatch(make: Instruments): CallMetrics['listWatch'] {
  const heard = make.gauge(
    'kube_watch_last_event_timestamp_seconds',
    'Time of the last LIST, event or bookmark, in seconds since the epoch.',
    'resource',
  )
  const restarts = make.counter(
    'kube_watch_restarts_total',
    'Watches that were started again; `ended` is the normal end of a watch, any other reason is a problem.',
    'resource',
    'reason',
  )
  return (resource) => {
    for (const reason of Object.keys(REASONS)) restarts.labels(resource, reason).inc(0)
    return {
      heard: () => heard.labels(resource).setToCurrentTime(),
      restarted: (reason) => restarts.labels(resource, reason).inc(),
    }
  }
}

function twilioCalls(make: Instruments): Pick<CallMetrics, 'twilioCalls' | 'accountGone'> {
  const ofAccounts = countsOfAccounts(make)
  const errors = make.counter(
    'twilio_api_errors_total',
    'Error codes in the answers of Twilio; after the first fifty different codes the label is `other`.',
    'operation',
    'twilio_code',
  )
  const time = make.durations(
    'twilio_api_request_duration_seconds',
    'Duration of requests to Twilio.',
    'operation',
  )
  const codeLabel = boundedLabel(MOST_CODES)
  return {
    twilioCalls: (call) => {
      const { operation, code, durationMs } = call
      ofAccounts.count(call)
      time.labels(operation).observe(durationMs / 1000)
      if (code !== undefined) errors.labels(operation, codeLabel(String(code))).inc()
    },
    accountGone: ofAccounts.forget,
  }
}

interface CountsOfAccounts {
  readonly count: ObserveCall
  readonly forget: (account: string) => void
}

/** Accounts come and go, and their series with them. */
function countsOfAccounts(make: Instruments): CountsOfAccounts {
  const requests = make.counter(
    'twilio_api_requests_total',
    'Requests to Twilio; `code` is the HTTP status, or `none` if there was no answer.',
    'account',
    'operation',
    'code',
  )
  const throttled = make.counter(
    'twilio_api_throttled_total',
    'Requests that Twilio refused because there were too many (429).',
    'account',
  )
  /** By account, the other labels of its series. */
  const counted = new Map<string, Map<string, readonly [operation: string, code: string]>>()
  return {
    count: ({ account, operation, status, throttled: tooMany }) => {
      const code = status === undefined ? 'none' : String(status)
      requests.labels(account, operation, code).inc()
      throttled.labels(account).inc(tooMany ? 1 : 0)
      const series = counted.get(account) ?? new Map<string, readonly [string, string]>()
      counted.set(account, series.set(`${operation} ${code}`, [operation, code]))
    },
    forget: (account) => {
      for (const series of counted.get(account)?.values() ?? []) requests.remove(account, ...series)
      throttled.remove(account)
      counted.delete(account)
    },
  }
}

/** Twilio has thousands of codes; about thirty of them concern sinks. */
const MOST_CODES = 50

/** The values come from outside: the first `most` are kept, later ones become `other`. */
function boundedLabel(most: number): (value: string) => string {
  const kept = new Set<string>()
  return (value) => {
    if (kept.size < most) kept.add(value)
    return kept.has(value) ? value : 'other'
  }
}
