import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Credential } from './accounts.ts'
import { readForm } from './form.ts'
import type { FaultSubject } from './faults.ts'
import type { JournalEntry } from './journal.ts'
import { matchRoute, type RouteMatch } from './routes.ts'
import type { AccountStore } from './store.ts'
import type { World } from './world.ts'

/** One request to the API from its arrival to its end. */
export interface Visit {
  readonly world: World
  readonly response: ServerResponse
  readonly entry: JournalEntry
  readonly match: RouteMatch | undefined
  readonly credential: Credential | undefined
  /** The account's store at arrival: a reset meanwhile leaves late effects in the old one. */
  readonly store: AccountStore | undefined
  readonly url: URL
  readonly form: URLSearchParams
  /** Unanswered calls of the account at arrival, this one included. */
  readonly inFlight: number
}

export function openVisit(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): Visit {
  const method = request.method ?? 'GET'
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`)
  const form = readForm(request.headers['content-type'], body)
  const match = matchRoute(method, url.pathname)
  const credential = world.accounts.authenticate(request.headers.authorization)
  const account = credential?.account ?? null
  const entry = world.journal.open({
    requestId: world.newSid('RQ'),
    account,
    credential: credential?.username ?? null,
    operation: match?.route?.name ?? 'Unknown',
    method,
    path: url.pathname,
    query: url.search,
    sid: match?.sid || null,
    description: form.get('Description'),
    fault: null,
  })
  const inFlight = countInFlight(world, response, entry)
  const store = account === null ? undefined : world.storeOf(account)
  return { world, response, entry, match, credential, store, url, form, inFlight }
}

/** A call is in flight until its connection has the whole answer or is gone. */
function countInFlight(world: World, response: ServerResponse, { account, operation }: JournalEntry): number {
  const count = world.statistics.begin(account, operation)
  if (response.closed) world.statistics.end(account)
  else response.once('close', () => world.statistics.end(account))
  return count
}

export function faultSubject({
  operation,
  account,
  credential,
  sid,
  method,
  description,
}: JournalEntry): FaultSubject {
  return { operation, account, credential, sid, method, description }
}
