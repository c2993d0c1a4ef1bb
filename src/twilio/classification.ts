import type { FailureKind } from '../sink/failure.ts'
import type { ErrorBody } from './error-body.ts'
import { ERROR_CODES } from './error-codes.ts'

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
