import type { FailureKind } from '../external/failure.ts'
import type { OperationName } from './operations.ts'

/** One request that has ended; a call that was repeated makes several. Nothing in it is secret. */
export interface ObservedCall {
  /** Name of the account's object, as given to `connect`. */
  readonly account: string
  readonly operation: OperationName
  /** HTTP status; absent when there was no answer. */
  readonly status?: number | undefined
  /** Twilio's error code. */
  readonly code?: number | undefined
  /** Absent for a success. */
  readonly kind?: FailureKind | undefined
  readonly durationMs: number
  readonly requestId?: string | undefined
  /** Whether Twilio said that it was too much (429). */
  readonly throttled: boolean
}

/** For the log, static: what was never sent cannot have been answered. */
export function describeEnd({ status, kind }: Pick<ObservedCall, 'status' | 'kind'>): string {
  if (status !== undefined) return 'Twilio answered'
  return kind === 'not-sent' ? 'A request to Twilio was not sent' : 'A request to Twilio got no answer'
}

/** MUST NOT throw. */
export type ObserveCall = (call: ObservedCall) => void

/** How many requests are in flight, by the name of the account's object. */
export interface InFlight {
  readonly began: (account: string) => void
  readonly ended: (account: string) => void
  /** Of accounts that have any. */
  readonly counts: () => ReadonlyMap<string, number>
}

export function createInFlight(): InFlight {
  const counts = new Map<string, number>()
  const add = (account: string, change: number): void => {
    const now = (counts.get(account) ?? 0) + change
    if (now > 0) counts.set(account, now)
    else counts.delete(account)
  }
  return {
    began: (account) => add(account, 1),
    ended: (account) => add(account, -1),
    counts: () => new Map(counts),
  }
}
