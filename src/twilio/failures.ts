import { TwilioFailure } from '../sink/failure.ts'
import { classifyFailure } from './classification.ts'
import { readErrorBody, type ErrorBody } from './error-body.ts'
import { ERROR_CODES, pageOfCode } from './error-codes.ts'
import type { TwilioAnswer } from './exchange.ts'
import type { Redact } from './redaction.ts'
import { retryAfterMs } from './retry-after.ts'

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
