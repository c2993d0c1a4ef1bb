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

/** What is left of the renew deadline in which nothing new is begun; a short deadline spares a quarter of it. */
const LONGEST_MARGIN = 1_000
const LONGEST_HEARTBEAT = 500

/**
 * How far the lease carries a leader; all answers follow from the clocks at the moment of asking, so they are right
 * at once after a pause of the process, before any timer has fired.
 */
export class LeaseTerm {
  readonly heartbeatMs: number
  readonly #passed: CautiousClock
  readonly #renewDeadline: number
  #since: number
  #lastHeartbeat: number

  constructor(passed: CautiousClock, { renewDeadline }: Pick<LeaseTiming, 'renewDeadline'>, began: number) {
    this.heartbeatMs = Math.min(LONGEST_HEARTBEAT, renewDeadline / 20)
    this.#passed = passed
    this.#renewDeadline = renewDeadline
    this.#since = began
    this.#lastHeartbeat = passed()
  }

  /** A renewal was stored. It counts from before it was sent, in the clock's terms: others may have seen it ever since. */
  renewed(began: number): void {
    this.#since = began
  }

  /** The event loop turns. To be called every `heartbeatMs`. */
  heartbeat(): void {
    this.#lastHeartbeat = this.#passed()
  }

  /** Whether something may still be begun that takes no longer than the margin. */
  mayMutate(): boolean {
    const margin = Math.min(LONGEST_MARGIN, this.#renewDeadline / 4)
    return this.elapsed() <= this.#renewDeadline - margin && !this.#isStalled()
  }

  /** Why it is over, if it is. */
  over(): Exclude<LossReason, 'taken'> | undefined {
    if (this.elapsed() > this.#renewDeadline) return 'renew-deadline'
    return this.#isStalled() ? 'stalled' : undefined
  }

  /** Milliseconds since the last stored renewal began. */
  elapsed(): number {
    return this.#passed() - this.#since
  }

  #isStalled(): boolean {
    return this.#passed() - this.#lastHeartbeat - this.heartbeatMs > this.#renewDeadline / 2
  }
}
