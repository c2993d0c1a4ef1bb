import type { Timers } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import type { LeaseTiming } from './lease.ts'

/** Called for what people should know. MUST NOT throw. */
export interface RequestObserver {
  /** A request failed; told once until one succeeds. */
  failed?(error: unknown): void
  recovered?(): void
}

/** Makes a request that always ends, and never rejects. One that failed may still be processed. */
export type Ask = <T>(request: () => Promise<T>) => Promise<T | 'failed'>

/** Several fit into the renew deadline, so that one on a dead connection does not use it up. */
const REQUESTS_IN_DEADLINE = 3

/** How long one request may take, in milliseconds. */
export const requestMs = ({ renewDeadline }: Pick<LeaseTiming, 'renewDeadline'>): number =>
  renewDeadline / REQUESTS_IN_DEADLINE

class NoAnswerInTime extends Error {
  override readonly name = 'NoAnswerInTime'
}

function noAnswer(): never {
  throw new NoAnswerInTime('No answer in time')
}

export function createAsk(timeoutMs: number, timers: Timers, observer: RequestObserver | undefined): Ask {
  let failing = false
  const failed = (error: unknown): 'failed' => {
    if (!failing) observer?.failed?.(error)
    failing = true
    return 'failed'
  }
  const answered = <T>(answer: T): T => {
    if (failing) observer?.recovered?.()
    failing = false
    return answer
  }
  return async (request) => {
    try {
      return answered(await within(timeoutMs, timers, request(), noAnswer))
    } catch (error) {
      return failed(error)
    }
  }
}
