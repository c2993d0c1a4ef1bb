import type { FailureKind } from '../external/failure.ts'
import type { ErrorBody } from './error-body.ts'

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
export const pageOfCode = (code: number): string => `https://www.twilio.com/docs/errors/${code}`

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
