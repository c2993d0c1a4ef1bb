import { KubernetesFailure } from '../../reconciler/ports.ts'
import type { ListWatchTrouble } from './list-watch-state.ts'
import { MalformedLine } from '../client/watch-lines.ts'

/** What an error that ended a LIST or watch means. */
export function listWatchTroubleOf(error: unknown): ListWatchTrouble {
  if (error instanceof MalformedLine) return 'malformed'
  if (error instanceof KubernetesFailure && error.status !== undefined) return troubleOfStatus(error.status)
  return isBodyTimeout(error) ? 'silent' : 'broken'
}

export function troubleOfStatus(status: number): ListWatchTrouble {
  if (status === 410) return 'expired'
  if (status === 404) return 'not-served'
  if (status === 401 || status === 403) return 'refused'
  return status === 429 ? 'overloaded' : 'broken'
}

const isBodyTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'UND_ERR_BODY_TIMEOUT'

/** Static, so that log lines can be grouped. */
export const TROUBLE_MESSAGES: Readonly<Record<ListWatchTrouble, string>> = {
  expired: 'The watch is too far behind; listing again',
  'not-served':
    'The API server does not serve this kind. Is its CustomResourceDefinition installed? Retrying',
  refused: 'The API server refuses to list or watch this kind. Are the rights in place? Retrying',
  overloaded: 'The API server answers with 429 (too many requests); retrying the watch',
  silent: 'Nothing came from the watch for too long; opening another one',
  malformed: 'The watch sent something that is no event; listing again',
  short: 'The watch ended at once; retrying',
  broken: 'The watch broke; retrying',
}
