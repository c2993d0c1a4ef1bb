import { KubernetesFailure } from '../../reconciler/ports.ts'
import type { Backoff } from '../../time/waiting.ts'
import { MalformedLine } from '../client/body.ts'

/**
 * Where a list-watch stands. `failures` counts those since something was last heard.
 *
 * `checking`: before a watch is resumed whose end leaves a doubt, the present revision is asked for. After a restore
 * of etcd it is lower than ours, and a watch from ours would be silent until the numbers have caught up.
 */
export type ListWatchState =
  | { readonly kind: 'listing'; readonly failures: number }
  | { readonly kind: 'checking'; readonly version: string; readonly failures: number }
  | { readonly kind: 'watching'; readonly version: string; readonly failures: number }
  | { readonly kind: 'backing-off'; readonly failures: number; readonly then: Resumption }

type Resumption = { readonly kind: 'listing' } | { readonly kind: 'checking'; readonly version: string }

/** Why a LIST or watch failed; the value of the label `reason` of `kube_watch_restarts_total`. */
export type ListWatchTrouble =
  /** 410: what we know is too old. */
  | 'expired'
  /** 404: the kind is not served, e.g. its CustomResourceDefinition is missing. */
  | 'not-served'
  /** 401, 403. */
  | 'refused'
  /** 429. */
  | 'overloaded'
  /** Nothing came for longer than the server lets a watch last. */
  | 'silent'
  /** A line that is no event. */
  | 'malformed'
  /** The watch ended within a moment. */
  | 'short'
  /** Connection refused or reset, 5xx, timeout, any other ERROR event. */
  | 'broken'

export type Happening =
  /** A LIST is complete. */
  | { readonly kind: 'listed'; readonly version: string }
  /** The API server's present revision. `isBehind`: lower than ours. */
  | { readonly kind: 'checked'; readonly isBehind: boolean }
  /** An event or bookmark of the watch. */
  | { readonly kind: 'heard'; readonly version: string }
  /** The API server ended the watch in order. `heard`: it had sent something. */
  | { readonly kind: 'ended'; readonly heard: boolean }
  /** `problem`: for people; names no values. */
  | { readonly kind: 'failed'; readonly trouble: ListWatchTrouble; readonly problem?: string }
  /** The time of backing off is over. */
  | { readonly kind: 'waited' }

export const INITIAL: ListWatchState = { kind: 'listing', failures: 0 }

/** The one transition function. Every failure goes through `backing-off`, so no failure leads to a flood of requests. */
export function transition(state: ListWatchState, happening: Happening): ListWatchState {
  const { failures } = state
  if (happening.kind === 'failed') return afterFailure(state, happening.trouble)
  if (happening.kind === 'listed') return { kind: 'watching', version: happening.version, failures }
  switch (state.kind) {
    case 'listing':
      return state
    case 'checking':
      if (happening.kind !== 'checked') return state
      return happening.isBehind
        ? { kind: 'listing', failures }
        : { kind: 'watching', version: state.version, failures }
    case 'watching':
      if (happening.kind === 'heard') return { kind: 'watching', version: happening.version, failures: 0 }
      if (happening.kind !== 'ended') return state
      return { kind: happening.heard ? 'watching' : 'checking', version: state.version, failures: 0 }
    case 'backing-off':
      return happening.kind === 'waited' ? { ...state.then, failures } : state
  }
}

function afterFailure(state: ListWatchState, trouble: ListWatchTrouble): ListWatchState {
  return { kind: 'backing-off', failures: state.failures + 1, then: resumption(state, trouble) }
}

/** A line that we cannot read comes again from the same version, so it is passed by with a LIST. */
function resumption(state: ListWatchState, trouble: ListWatchTrouble): Resumption {
  if (state.kind === 'backing-off') return state.then
  const isLost = trouble === 'expired' || trouble === 'malformed' || trouble === 'not-served'
  return state.kind === 'listing' || isLost
    ? { kind: 'listing' }
    : { kind: 'checking', version: state.version }
}

/** With the time that a hanging try may take, the longest keeps the promise that a change is seen within 30 s of a repair. */
export const BACKING_OFF: Backoff = { firstMs: 800, longestMs: 15_000, jitter: 1 }

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
