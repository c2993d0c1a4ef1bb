import { Refusal, codes, errorBody } from './errors.ts'
import type { Answer, Call } from './operation.ts'
import type { Visit } from './visit.ts'

/**
 * Applies the rules of the API to a visit at this moment and notes in the journal what came of it.
 * `staleMs`: LISTs look that much further back than the settings say.
 */
export function processCall(visit: Visit, staleMs = 0): Answer {
  try {
    return applied(visit, staleMs)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { status: error.status, body: errorBody(error.status, error.code, error.message) }
  }
}

function applied(visit: Visit, staleMs: number): Answer {
  const { world, entry, match, credential, store } = visit
  const { settings } = world
  if (!credential || !store) throw new Refusal(401, settings.authFailureCode, 'Authenticate')
  if (!match) throw new Refusal(404, codes.notFound, `The requested resource ${entry.path} was not found`)
  if (!match.route) throw new Refusal(405, codes.methodNotAllowed, 'Method not allowed')
  if (credential.denied.includes(match.route.name)) {
    throw new Refusal(settings.permissionStatus, codes.notPermitted, 'Authorization failed')
  }
  if (visit.inFlight > (settings.maxConcurrentCalls ?? Infinity)) {
    throw new Refusal(429, codes.tooManyRequests, 'Too Many Requests')
  }
  entry.processed = true
  const call: Call = {
    store,
    settings,
    accountSid: credential.account,
    form: visit.form,
    query: visit.url.searchParams,
    sid: match.sid,
    eventType: match.eventType,
    path: entry.path,
    origin: visit.url.origin,
    listLagMs: settings.listLagMs + staleMs,
    fetchLagMs: settings.fetchLagMs,
    newTestId: world.newTestId,
  }
  const answer = match.route.operation(call)
  if (match.route.method !== 'GET') noteCommit(visit, answer)
  return answer
}

function noteCommit({ entry, world }: Visit, answer: Answer): void {
  entry.committed = true
  entry.committedAt = world.clock()
  entry.sid = answer.sid ?? entry.sid
}
