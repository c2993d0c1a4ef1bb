import { TwilioFailure } from '../external/failure.ts'
import { classifyFailure, ERROR_CODES, pageOfCode } from './classification.ts'
import { readErrorBody, type ErrorBody } from './error-body.ts'
import type { TwilioAnswer } from './http/exchange.ts'
import type { Redact } from './redaction.ts'

/** Longest message, in UTF-16 units. */
const LONGEST_MESSAGE = 256

/** The failure that an answer means which is not the success of its operation. `now`: milliseconds since the epoch. */
export function failureOfAnswer(answer: TwilioAnswer, redact: Redact, now: number): TwilioFailure {
  const { status } = answer
  const body = readErrorBody(status, answer.body)
  return new TwilioFailure({
    kind: classifyFailure(status, body),
    status,
    message: meaningOf(status, body),
    words: body?.message === undefined ? undefined : cut(redact(body.message)),
    code: body?.code,
    moreInfo: body?.code === undefined ? undefined : pageOfCode(body.code),
    requestId: requestIdOf(answer),
    retryAfterMs: retryAfterMs(answer.header('retry-after'), now),
  })
}

/** A success that cannot be read: the write has happened, or something else than Twilio has answered. */
export function unreadableAnswer(answer: TwilioAnswer, problem: string): TwilioFailure {
  return new TwilioFailure({
    kind: 'transient',
    status: answer.status,
    message: cut(`The answer could not be read: ${problem}`),
    requestId: requestIdOf(answer),
  })
}

/** No answer at all. The cause is made anew: what undici throws may hold the request with its headers. */
export function failureWithoutAnswer(
  kind: 'not-sent' | 'transient',
  cause: unknown,
  redact: Redact,
): TwilioFailure {
  if (cause instanceof TwilioFailure) return cause
  const trouble = new ConnectionTrouble(cause, redact)
  const what = kind === 'not-sent' ? 'The request was not sent' : 'The connection broke without an answer'
  return new TwilioFailure({ kind, message: cut(`${what}: ${trouble.message}`) }, trouble)
}

export function rateLimited(waitMs: number): TwilioFailure {
  const message = 'The calls of this account are paused, as Twilio asked'
  return new TwilioFailure({ kind: 'rate-limited', message, retryAfterMs: waitMs })
}

/** The same answer of 429, with the time that the account is really paused. */
export function withRetryAfter(failure: TwilioFailure, waitMs: number): TwilioFailure {
  return new TwilioFailure({ ...failure, message: failure.message, retryAfterMs: waitMs })
}

export function notSent(message: string): TwilioFailure {
  return new TwilioFailure({ kind: 'not-sent', message })
}

/** Twilio's `Twilio-Request-Id`, if it looks like one. */
export function requestIdOf(answer: TwilioAnswer): string | undefined {
  const id = answer.header('twilio-request-id')
  return id !== undefined && /^RQ[0-9a-f]{32}$/iu.test(id) ? id : undefined
}

class ConnectionTrouble extends Error {
  readonly code: string | undefined
  constructor(cause: unknown, redact: Redact) {
    super(cut(redact(cause instanceof Error && cause.message !== '' ? cause.message : 'no reason known')))
    this.name = 'ConnectionTrouble'
    this.code = codeOf(cause)
  }
}

function codeOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined
  return typeof cause.code === 'string' && /^\w{1,64}$/u.test(cause.code) ? cause.code : undefined
}

/** In our own words, since Twilio's may quote what it was sent. */
function meaningOf(status: number, body: ErrorBody | undefined): string {
  if (body === undefined) return `HTTP status ${status} without a readable error of Twilio`
  if (body.code === undefined) return `Twilio answered with HTTP status ${status} and no code`
  return ERROR_CODES.get(body.code)?.meaning ?? 'an error that this version does not know'
}

function cut(text: string): string {
  if (text.length <= LONGEST_MESSAGE) return text
  return `${text.slice(0, LONGEST_MESSAGE - 1).toWellFormed()}…`
}

/** Longer wishes are cut to this, in milliseconds: a mistaken header must not silence an account for a day. */
export const LONGEST_RETRY_AFTER_MS = 300_000

/** A date is half as long. */
const LONGEST_HEADER = 64

/**
 * The milliseconds that a `Retry-After` header asks for, between 0 and five minutes. It holds seconds or an HTTP date
 * (RFC 9110, 10.2.3); undefined when absent or neither.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.length > LONGEST_HEADER) return undefined
  const wish = millisecondsIn(header.trim(), now)
  if (wish === undefined) return undefined
  return Math.min(Math.max(wish, 0), LONGEST_RETRY_AFTER_MS)
}

function millisecondsIn(text: string, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/u.test(text)) return Math.ceil(Number(text) * 1000)
  const date = /[a-z]/iu.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : date - now
}
