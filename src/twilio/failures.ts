import { TwilioFailure, type FailureKind } from '../external/failure.ts'
import { ProxyFailure } from '../network/tunnel.ts'
import { readErrorBody, type ErrorBody } from './error-body.ts'
import type { TwilioAnswer } from './http/exchange.ts'
import type { Redact } from '../api/redaction.ts'
import { retryAfterMs } from './retry-after.ts'

interface ErrorCode {
  /** In our words. */
  readonly meaning: string
  readonly kind: FailureKind
}

const code = (number: number, kind: FailureKind, meaning: string): readonly [number, ErrorCode] => [
  number,
  { kind, meaning },
]

/**
 * Twilio's error codes that an answer about sinks or subscriptions can carry. Source: Twilio's error dictionary
 * (https://www.twilio.com/docs/api/errors). docs/errors.md shows this table; a test keeps the two equal.
 *
 * `not-found` counts only together with HTTP status 404, and only for a sink: it is one part of the proof that a sink
 * is gone. Codes about subscriptions that we never send are here so that a strange answer is not taken for more.
 */
export const ERROR_CODES: ReadonlyMap<number, ErrorCode> = new Map([
  code(10001, 'forbidden', 'the account is not active'),
  code(20001, 'refused', 'an unknown parameter'),
  code(20003, 'unauthorized', 'authentication failed: wrong, deleted or foreign credential'),
  code(20005, 'forbidden', 'the account is not active'),
  code(20008, 'forbidden', 'test credentials cannot use this API'),
  code(20011, 'forbidden', 'the TLS version is too old'),
  code(20403, 'forbidden', 'forbidden: the account is suspended or closed'),
  code(20404, 'not-found', 'no such resource in this account'),
  code(20409, 'conflict', "conflict with the resource's state"),
  code(20422, 'refused', 'a parameter is malformed'),
  code(20423, 'refused', 'a parameter or SID is malformed'),
  code(20426, 'forbidden', 'the TLS version is too old'),
  code(20429, 'rate-limited', 'too many calls at the same time in this account'),
  code(20500, 'transient', 'an error inside Twilio'),
  code(20503, 'transient', 'Twilio is unavailable'),
  code(70051, 'forbidden', 'the key lacks the permission'),
  code(91000, 'refused', 'sink not created: description, type or configuration wrong or empty'),
  code(91001, 'not-found', 'no such sink in this account'),
  code(91002, 'refused', 'wrong paging values'),
  code(91003, 'quota', 'the account has reached its limit of sinks'),
  code(91004, 'refused', 'validation without a test event before it'),
  code(91005, 'refused', 'wrong test id'),
  code(91006, 'refused', 'the SID is not one of a sink'),
  code(91007, 'in-use', 'a subscription uses the sink'),
  code(91100, 'conflict', 'subscription not created: its sink is not active'),
  code(91101, 'refused', 'subscription not created: types twice or description empty'),
  code(91102, 'refused', 'no such subscription'),
  code(91103, 'refused', 'a subscription without event types'),
  code(91104, 'refused', 'an unknown event type'),
  code(91201, 'refused', 'an unknown schema or event type'),
  code(91202, 'refused', 'an unknown schema or event type'),
  code(91203, 'refused', 'an unknown schema or event type'),
])

/** Twilio's page about a code, known to this version or not. */
const pageOfCode = (code: number): string => `https://www.twilio.com/docs/errors/${code}`

/** Kinds by HTTP status, when Twilio answers and also when a proxy did not let the request through. */
const BY_STATUS = new Map<number, FailureKind>([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [429, 'rate-limited'],
])

/** Kinds by HTTP status when the body is Twilio's and its code, if any, is not in the table. */
const BY_STATUS_OF_TWILIO = new Map<number, FailureKind>([
  [400, 'refused'],
  [405, 'refused'],
  [409, 'conflict'],
  [413, 'refused'],
  [414, 'refused'],
  [415, 'refused'],
  [422, 'refused'],
])

/**
 * What an answer means that is not the success of its operation. Twilio's code decides first, the status second; what
 * neither explains is `transient`, because only that kind proves nothing.
 */
export function classifyFailure(status: number, body: ErrorBody | undefined): FailureKind {
  if (status < 400) return 'transient'
  const known = body?.code === undefined ? undefined : ERROR_CODES.get(body.code)
  if (known?.kind === 'not-found') return status === 404 ? 'not-found' : 'transient'
  if (known !== undefined) return known.kind
  const byStatus = BY_STATUS.get(status)
  if (byStatus !== undefined) return byStatus
  return (body === undefined ? undefined : BY_STATUS_OF_TWILIO.get(status)) ?? 'transient'
}

/** Longest message, in UTF-16 units. */
const LONGEST_MESSAGE = 256

/** The failure that an answer means which is not the success of its operation. `now`: milliseconds since the epoch. */
export function failureOfAnswer(answer: TwilioAnswer, redact: Redact, now: number): TwilioFailure {
  const { status } = answer
  const body = readErrorBody(status, answer.body)
  return new TwilioFailure({
    kind: classifyFailure(status, body),
    status,
    message: meaningOf(answer, body),
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
    message: cut(
      `The answer (HTTP status ${answer.status}) could not be read${looksLike(answer)}: ${problem}`,
    ),
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

/** This process ends. It says nothing about Twilio. */
export function givenUp(): TwilioFailure {
  const message = 'This process ends, and gives up what is no write'
  return new TwilioFailure({ kind: 'not-sent', message, givenUp: true })
}

class ConnectionTrouble extends Error {
  readonly code: string | undefined
  constructor(cause: unknown, redact: Redact) {
    const code = codeOf(cause)
    super(cut(reasonOf(cause, code, redact)))
    this.name = 'ConnectionTrouble'
    this.code = code
  }
}

/**
 * With the code, which people search for. An error about several addresses has no message of its own. Our own words quote
 * nothing, and some of them could be a secret of somebody: `password`.
 */
function reasonOf(cause: unknown, code: string | undefined, redact: Redact): string {
  const message = cause instanceof Error ? cause.message : ''
  if (message === '') return code ?? 'no reason known'
  if (cause instanceof Error && cause.cause instanceof ProxyFailure) return cause.cause.message
  return redact(code === undefined || message.includes(code) ? message : `${message} (${code})`)
}

function codeOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined
  return typeof cause.code === 'string' && /^\w{1,64}$/u.test(cause.code) ? cause.code : undefined
}

/** In our own words, since Twilio's may quote what it was sent. */
function meaningOf(answer: TwilioAnswer, body: ErrorBody | undefined): string {
  if (body === undefined)
    return `HTTP status ${answer.status} without a readable error of Twilio${looksLike(answer)}`
  if (body.code === undefined) return `Twilio answered with HTTP status ${answer.status} and no code`
  return ERROR_CODES.get(body.code)?.meaning ?? 'an error that this version does not know'
}

/** Something in between may have answered, or another server than Twilio: what it says is not quoted. */
function looksLike({ status, header }: TwilioAnswer): string {
  if (status >= 300 && status < 400) return ', but a redirect, which is not followed'
  if (status === 407) return ', from a proxy that asks for credentials'
  return /html/iu.test(header('content-type') ?? '') ? ', but an HTML page' : ''
}

function cut(text: string): string {
  if (text.length <= LONGEST_MESSAGE) return text
  return `${text.slice(0, LONGEST_MESSAGE - 1).toWellFormed()}…`
}
