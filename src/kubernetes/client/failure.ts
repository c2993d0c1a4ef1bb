import { KubernetesFailure, type KubernetesFailureKind } from '../../reconciler/ports.ts'
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

/**
 * Classifies an answer that is no success, once and for all. The message names the request, the status and the
 * fields at fault, but quotes neither the API server's words nor values: a validation message may contain them.
 */
export function apiFailure(asked: Asked, status: number, body: unknown): KubernetesFailure {
  const fields = listAt(body, 'details', 'causes')
    .map((cause) => textAt(cause, 'field'))
    .filter((field): field is string => field !== undefined && field !== '')
    .slice(0, MOST_FIELDS)
  // A webhook chooses it; those of Kubernetes are words.
  const reason = wordIn(textAt(body, 'reason'))
  const words = [
    `${asked.method} ${asked.path}:`,
    String(status),
    reason,
    fields.join(', ').slice(0, LONGEST_FIELDS),
  ]
  return new KubernetesFailure(kindOf(status, body), words.filter((word) => word !== '').join(' '), {
    status,
  })
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
  return new KubernetesFailure('unavailable', `${asked.method} ${asked.path}: ${whyOf(cause)}`, { cause })
}

function whyOf(cause: unknown): string {
  if (cause instanceof UnusableKubeconfig) return cause.message
  const name = cause instanceof Error ? cause.name : 'no answer'
  const code = textAt(cause, 'code') ?? textAt(cause, 'cause', 'code') ?? name
  return wordIn(code) || 'no answer'
}

const wordIn = (text = ''): string => (WORD.test(text) ? text : '')

/** A code is a word. What is longer is a text of somebody. */
const WORD = /^[\w-]{1,64}$/u

export const halfAnAnswer = (asked: Asked, status: number): KubernetesFailure =>
  new KubernetesFailure('unavailable', `${asked.method} ${asked.path}: ${status} without readable JSON`, {
    status,
  })
