import type { CautiousClock } from '../time/clock.ts'
import type { LeaseTiming } from './lease.ts'

/** Why a process leads no more. */
export type LossReason =
  /** No renewal was answered within the renew deadline. */
  | 'renew-deadline'
  /** The event loop stood still for more than half of the renew deadline: it may do so again, and for longer. */
  | 'stalled'
  /** The lease says so. */
  | 'taken'

/**
 * How far the lease carries a leader; all answers follow from the clocks at the moment of asking, so they are right
 * at once after a pause of the process, before any timer has fired.
 */
export interface LeaseTerm {
  /** A renewal was stored. It counts from before it was sent, in the clock's terms: others may have seen it ever since. */
  renewed(began: number): void
  /** The event loop turns. To be called every `heartbeatMs`. */
  heartbeat(): void
  /** Whether something may still be begun that takes no longer than the margin. */
  mayMutate(): boolean
  /** Why it is over, if it is. */
  over(): Exclude<LossReason, 'taken'> | undefined
  /** Milliseconds since the last stored renewal began. */
  elapsed(): number
  readonly heartbeatMs: number
}

/** What is left of the renew deadline in which nothing new is begun; a short deadline spares a quarter of it. */
const LONGEST_MARGIN = 1_000
const LONGEST_HEARTBEAT = 500

export function createLeaseTerm(
  passed: CautiousClock,
  { renewDeadline }: Pick<LeaseTiming, 'renewDeadline'>,
  began: number,
): LeaseTerm {
  const margin = Math.min(LONGEST_MARGIN, renewDeadline / 4)
  const heartbeatMs = Math.min(LONGEST_HEARTBEAT, renewDeadline / 20)
  let since = began
  let lastHeartbeat = passed()

  const elapsed = (): number => passed() - since
  const isStalled = (): boolean => passed() - lastHeartbeat - heartbeatMs > renewDeadline / 2
  return {
    renewed: (moment) => {
      since = moment
    },
    heartbeat: () => {
      lastHeartbeat = passed()
    },
    mayMutate: () => elapsed() <= renewDeadline - margin && !isStalled(),
    over: () => {
      if (elapsed() > renewDeadline) return 'renew-deadline'
      return isStalled() ? 'stalled' : undefined
    },
    elapsed,
    heartbeatMs,
  }
}
