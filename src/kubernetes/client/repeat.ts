import type { KubernetesFailure } from '../../reconciler/ports.ts'
import { backoffMs, type Backoff } from '../../time/waiting.ts'
import type { ApiCall } from './call.ts'

const TIMEOUTS: ReadonlySet<unknown> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

/** Whether a call ended because nothing came for too long: by its deadline, or by a limit on headers or body. */
export function isSilence(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'AbortError' || ('code' in error && TIMEOUTS.has(error.code))
}

/** A try that brought no value. */
export interface FailedTry {
  readonly kind: 'failed'
  readonly failure: KubernetesFailure
  /** What the API server asked for. */
  readonly retryAfterMs?: number | undefined
}

const TRIES = 3
const REPEATED: Backoff = { firstMs: 200, longestMs: 5_000 }
/** A longer Retry-After is left to the caller's own backoff. */
const LONGEST_PAUSE_MS = 5_000

/**
 * Milliseconds until another try after `made` ones, or undefined when there is to be none. A 429 is repeated with
 * any method, since it was not processed; another failure of a GET too, but not a timeout, which has cost enough.
 */
export function pauseBeforeAnother(call: ApiCall, failed: FailedTry, made: number): number | undefined {
  const { failure, retryAfterMs } = failed
  if (call.signal?.aborted === true || made >= (call.tries ?? TRIES)) return undefined
  if (failure.status === 401 || isTimeout(failure.cause)) return undefined
  const harmless = failure.status === 429 || (call.method === 'GET' && failure.kind === 'unavailable')
  if (!harmless || (retryAfterMs ?? 0) > LONGEST_PAUSE_MS) return undefined
  return retryAfterMs ?? backoffMs(REPEATED, made)
}

const isTimeout = (cause: unknown): boolean => cause instanceof Error && cause.name === 'AbortError'
