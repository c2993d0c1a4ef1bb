import type { Operation } from './operation.ts'
import * as sinks from './sink-operations.ts'
import * as events from './subscribed-event-operations.ts'
import * as subscriptions from './subscription-operations.ts'

export interface Route {
  /** The operation's name in Twilio's OpenAPI file. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly operation: Operation
}

const sink = '/v1/Sinks/{Sid}'
const subscription = '/v1/Subscriptions/{Sid}'
const event = `${subscription}/SubscribedEvents/{Type}`

/** Every operation that the simulator serves. */
export const routes: readonly Route[] = [
  { name: 'CreateSink', method: 'POST', path: '/v1/Sinks', operation: sinks.createSink },
  { name: 'ListSink', method: 'GET', path: '/v1/Sinks', operation: sinks.listSinks },
  { name: 'FetchSink', method: 'GET', path: sink, operation: sinks.fetchSink },
  { name: 'UpdateSink', method: 'POST', path: sink, operation: sinks.updateSink },
  { name: 'DeleteSink', method: 'DELETE', path: sink, operation: sinks.deleteSink },
  { name: 'CreateSinkTest', method: 'POST', path: `${sink}/Test`, operation: sinks.testSink },
  { name: 'CreateSinkValidate', method: 'POST', path: `${sink}/Validate`, operation: sinks.validateSink },
  {
    name: 'CreateSubscription',
    method: 'POST',
    path: '/v1/Subscriptions',
    operation: subscriptions.createSubscription,
  },
  {
    name: 'ListSubscription',
    method: 'GET',
    path: '/v1/Subscriptions',
    operation: subscriptions.listSubscriptions,
  },
  {
    name: 'FetchSubscription',
    method: 'GET',
    path: subscription,
    operation: subscriptions.fetchSubscription,
  },
  {
    name: 'UpdateSubscription',
    method: 'POST',
    path: subscription,
    operation: subscriptions.updateSubscription,
  },
  {
    name: 'DeleteSubscription',
    method: 'DELETE',
    path: subscription,
    operation: subscriptions.deleteSubscription,
  },
  {
    name: 'ListSubscribedEvent',
    method: 'GET',
    path: `${subscription}/SubscribedEvents`,
    operation: events.listSubscribedEvents,
  },
  {
    name: 'CreateSubscribedEvent',
    method: 'POST',
    path: `${subscription}/SubscribedEvents`,
    operation: events.createSubscribedEvent,
  },
  { name: 'FetchSubscribedEvent', method: 'GET', path: event, operation: events.fetchSubscribedEvent },
  { name: 'UpdateSubscribedEvent', method: 'POST', path: event, operation: events.updateSubscribedEvent },
  { name: 'DeleteSubscribedEvent', method: 'DELETE', path: event, operation: events.deleteSubscribedEvent },
]

const patterns = routes.map((route) => ({ route, pattern: patternOf(route.path) }))

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace('{Sid}', '(?<sid>[^/]+)').replace('{Type}', '(?<type>[^/]+)')}$`)
}

export interface RouteMatch {
  /** Absent when the path is known, but not with this method. */
  readonly route: Route | undefined
  readonly sid: string
  readonly eventType: string
}

/** The route of a path, which is case-sensitive as at Twilio; `undefined` when nothing has this path. */
export function matchRoute(method: string, path: string): RouteMatch | undefined {
  const fitting = patterns.filter(({ pattern }) => pattern.test(path))
  const found = fitting.find(({ route }) => route.method === method)
  const groups = (found ?? fitting[0])?.pattern.exec(path)?.groups
  if (fitting.length === 0) return undefined
  return { route: found?.route, sid: decoded(groups?.['sid']), eventType: decoded(groups?.['type']) }
}

function decoded(text = ''): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
