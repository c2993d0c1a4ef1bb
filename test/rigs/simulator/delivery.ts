import type { OutgoingHttpHeaders } from 'node:http'
import type { Answer } from './operation.ts'
import type { Visit } from './visit.ts'

/** An answer as bytes: what a fault makes need not be JSON. */
export interface RawAnswer {
  readonly status: number
  readonly contentType: string
  readonly text: string
  readonly headers?: OutgoingHttpHeaders
}

export function rawAnswer({ status, body }: Answer): RawAnswer {
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    text: body === undefined ? '' : JSON.stringify(body),
    ...(status === 401 && { headers: { 'WWW-Authenticate': 'Basic realm="Twilio API"' } }),
  }
}

export function send(visit: Visit, answer: RawAnswer): void {
  if (visit.response.closed) return endVisit(visit, null)
  const length = Buffer.byteLength(answer.text)
  // Before the bytes leave: what acts on the answer acts later than the journal says it ended.
  endVisit(visit, answer.status)
  visit.response.writeHead(answer.status, headersOf(visit, answer, length))
  visit.response.end(answer.text)
}

/**
 * Sends the first half of the text: as a whole answer that says so short a length, or `cut`, with the full length
 * and a connection that ends in between.
 */
export function sendHalf(visit: Visit, answer: RawAnswer, cut: boolean): void {
  if (visit.response.closed) return endVisit(visit, null)
  const bytes = Buffer.from(answer.text)
  const half = bytes.subarray(0, Math.floor(bytes.length / 2))
  endVisit(visit, answer.status)
  visit.response.writeHead(answer.status, headersOf(visit, answer, cut ? bytes.length : half.length))
  if (cut) visit.response.write(half, () => visit.response.destroy())
  else visit.response.end(half)
}

/** Ends the connection with a TCP reset and no answer. */
export function reset(visit: Visit): void {
  endVisit(visit, null)
  visit.response.socket?.resetAndDestroy()
}

/** Leaves the connection open without an answer, until the client or the simulator ends it. */
export function withhold(visit: Visit): void {
  visit.world.log(visit.entry)
}

function endVisit({ entry, world }: Visit, status: number | null): void {
  entry.status = status
  entry.endedAt = world.clock()
  world.log(entry)
}

function headersOf(visit: Visit, answer: RawAnswer, length: number): OutgoingHttpHeaders {
  const content =
    answer.status === 204 ? {} : { 'Content-Type': answer.contentType, 'Content-Length': length }
  return { ...content, ...answer.headers, ...twilioHeaders(visit) }
}

function twilioHeaders({ world, entry, inFlight }: Visit): OutgoingHttpHeaders {
  if (!world.settings.headers) return {}
  return {
    'Twilio-Request-Id': entry.requestId,
    'Twilio-Request-Duration': ((world.clock() - entry.startedAt) / 1000).toFixed(3),
    'Twilio-Concurrent-Requests': String(inFlight),
  }
}
