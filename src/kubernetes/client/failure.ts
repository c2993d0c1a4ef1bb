import { withoutControls, withoutUrls } from '../../api/shown-text.ts'
import { KubernetesFailure, type KubernetesFailureKind } from '../../reconciler/ports.ts'
import { backoffMs, type Backoff } from '../../time/waiting.ts'
import type { ApiCall } from './call.ts'
import { ProxyFailure } from '../../network/tunnel.ts'
import { UnusableKubeconfig } from './credentials.ts'
import { listAt, textAt } from './json-value.ts'

/** What was asked; names things, holds no values. */
export interface Asked {
  readonly method: string
  readonly path: string
}

/** So many fields at fault are named, in so many characters. */
const MOST_FIELDS = 10
const LONGEST_FIELDS = 512
/** The path of one. A webhook may write anything in its place, and people read it in their terminals. */
const FIELD = /^[\w.[\]"/<>-]{1,256}$/u
/** Of the API server's words; more than is shown, since what is secret is taken out before they are cut. */
const LONGEST_SAID = 2_000

/**
 * Classifies an answer that is no success, once and for all. The message names the request, the status and the
 * fields at fault, but quotes neither the API server's words nor values: a validation message may contain them. Why a
 * write was denied stands beside it.
 */
export function apiFailure(asked: Asked, status: number, body: unknown): KubernetesFailure {
  const fields = listAt(body, 'details', 'causes')
    .map((cause) => textAt(cause, 'field'))
    .filter((field): field is string => field !== undefined && field !== '')
    .slice(0, MOST_FIELDS)
    .map((field) => (FIELD.test(field) ? field : 'an odd field'))
  // A webhook chooses it; those of Kubernetes are words.
  const reason = wordIn(textAt(body, 'reason'))
  const words = [
    `${asked.method} ${asked.path}:`,
    String(status),
    reason,
    fields.join(', ').slice(0, LONGEST_FIELDS),
  ]
  const isWrite = asked.method !== 'GET'
  const said = isWrite && fields.length === 0 ? saidIn(body) : undefined
  const message = words.filter((word) => word !== '').join(' ')
  return new KubernetesFailure(kindOf(status, body), message, { status, isWrite, said })
}

/**
 * Who has denied a write, and why. Not where fields are named: such a message quotes their values. A URL may hold a
 * password, and a webhook may quote anything of the object: callers take out what is secret there.
 */
function saidIn(body: unknown): string | undefined {
  const text = withoutUrls(withoutControls((textAt(body, 'message') ?? '').slice(0, LONGEST_SAID))).trim()
  return text === '' ? undefined : text
}

function kindOf(status: number, body: unknown): KubernetesFailureKind {
  if (status === 409) return 'conflict'
  if (status === 403) return 'forbidden'
  if (status === 404) return isAboutAnObject(body) ? 'not-found' : 'unavailable'
  // A failed `test` operation, or a path that is not there: no rule is named, our view was stale.
  if (status === 422 && listAt(body, 'details', 'causes').length === 0) return 'conflict'
  if (status === 401 || status === 408 || status === 410 || status === 429 || status >= 500)
    return 'unavailable'
  return status >= 400 ? 'invalid' : 'unavailable'
}

/** A 404 for a path that is not served, e.g. while the API server starts, says nothing about objects. */
const isAboutAnObject = (body: unknown): boolean => textAt(body, 'details', 'name') !== undefined

/** For a call without a usable answer. Names the error's code, since its message may quote addresses or output. */
export function apiFailureWithoutAnswer(asked: Asked, cause: unknown): KubernetesFailure {
  if (cause instanceof KubernetesFailure) return cause
  const isWrite = asked.method !== 'GET'
  const message = `${asked.method} ${asked.path}: ${whyOf(cause)}`
  return new KubernetesFailure('unavailable', message, { cause, isWrite })
}

function whyOf(cause: unknown): string {
  if (cause instanceof UnusableKubeconfig || cause instanceof ProxyFailure) return cause.message
  const name = cause instanceof Error ? cause.name : 'no answer'
  const code = textAt(cause, 'code') ?? textAt(cause, 'cause', 'code') ?? name
  return wordIn(code) || 'no answer'
}

const wordIn = (text = ''): string => (WORD.test(text) ? text : '')

/** A code is a word. What is longer is a text of somebody. */
const WORD = /^[\w-]{1,64}$/u

/** An answer has more bytes than the call takes. */
export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong'
}

export const halfAnAnswer = (asked: Asked, status: number): KubernetesFailure =>
  new KubernetesFailure('unavailable', `${asked.method} ${asked.path}: ${status} without readable JSON`, {
    status,
  })

/** Undefined where the API server says that there is no such object. */
export async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof KubernetesFailure && error.kind === 'not-found') return undefined
    throw error
  }
}

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
/** A Retry-After that is longer than the longest is left to the caller's own backoff. */
const REPEATED: Backoff = { firstMs: 200, longestMs: 5_000 }

/**
 * Milliseconds until another try after `made` ones, or undefined when there is to be none. A 429 is repeated with
 * any method, since it was not processed; another failure of a GET too, but not a timeout, which has cost enough.
 */
export function pauseBeforeAnother(call: ApiCall, failed: FailedTry, made: number): number | undefined {
  const { failure, retryAfterMs } = failed
  if (call.signal?.aborted === true || made >= (call.tries ?? TRIES)) return undefined
  if (failure.status === 401 || isTimeout(failure.cause) || failure.cause instanceof AnswerTooLong)
    return undefined
  const harmless = failure.status === 429 || (call.method === 'GET' && failure.kind === 'unavailable')
  if (!harmless || (retryAfterMs ?? 0) > REPEATED.longestMs) return undefined
  return retryAfterMs ?? backoffMs(REPEATED, made)
}

const isTimeout = (cause: unknown): boolean => cause instanceof Error && cause.name === 'AbortError'
