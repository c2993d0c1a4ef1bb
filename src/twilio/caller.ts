import { mayHaveBeenProcessed, type TwilioFailure } from '../external/failure.ts'
import { backoffMs, type Backoff } from '../time/waiting.ts'
import type { SendOnce } from './send-once.ts'
import { givenUp, notSent, rateLimited, withRetryAfter } from './failures.ts'
import type { FreeSlot } from '../time/slots.ts'
import type { AccountLimits } from './limits.ts'
import type { TwilioCall } from './operations.ts'

/** After a 429 that does not say how long to wait. */
export const THROTTLED: Backoff = { firstMs: 500, longestMs: 30_000, jitter: 0.5 }

/** Before a read or DELETE is sent again within the same call; anything slower is left to the work queue. */
export const REPEAT: Backoff = { firstMs: 100, longestMs: 1_000, jitter: 0.5 }

/** At most this many requests of one call that Twilio answers with 429. */
const MOST_THROTTLED = 4
/** At most this many requests of one call that fail in a way which proves nothing. */
const MOST_REPEATED = 3
/** A call waits no longer than this for pauses to end, in milliseconds; the work queue can wait better. */
const LONGEST_WAIT_MS = 30_000

export interface CallerParts {
  readonly sendOnce: SendOnce
  /** Asked at the beginning of each call. */
  readonly limits: () => AccountLimits
  readonly monotonic: () => number
  readonly random: () => number
  /** Resolves earlier when the signal is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
  readonly callTimeoutMs: number
  /** Told of each wait for a slot or for the end of a pause. */
  readonly whileWaiting: WhileWaiting
  /** Aborted when the process is asked to end: then nothing waits any longer, and reads are given up. */
  readonly ending: AbortSignal
  /** Aborted when the client is closed: then nothing is sent any more. */
  readonly closed: AbortSignal
}

/** Runs `wait`, which does nothing but wait. MUST NOT delay what follows it. */
export type WhileWaiting = <T>(wait: () => Promise<T>) => Promise<T>

export type Send = <T>(call: TwilioCall<T>) => Promise<T>

/** The calls of one account: slots, pauses after 429, repeats. Rejects with a `TwilioFailure` only. */
export class Caller {
  readonly #parts: CallerParts

  constructor(parts: CallerParts) {
    this.#parts = parts
  }

  /** Waits for a slot and sends. */
  async call<T>(call: TwilioCall<T>): Promise<T> {
    const { ending } = this.#parts
    return this.#inSlot(ending, (limits) => this.#send(limits, call, ending))
  }

  /**
   * Runs `work` in a slot, once the account is not paused; its `send` takes no slot of its own. `lasting`: also when the
   * process is asked to end.
   */
  async withSlot<T>(work: (send: Send) => Promise<T>, lasting = false): Promise<T> {
    const end = lasting ? this.#parts.closed : this.#parts.ending
    return this.#inSlot(end, async (limits) => {
      await this.#waitOutPause(limits, this.#parts.monotonic() + LONGEST_WAIT_MS, end)
      return work((call) => this.#send(limits, { ...call, lasting }, end))
    })
  }

  async #inSlot<T>(end: AbortSignal, work: (limits: AccountLimits) => Promise<T>): Promise<T> {
    const limits = this.#parts.limits()
    const free = await this.#acquire(limits, end).catch(() => {
      throw givenUp()
    })
    try {
      return await work(limits)
    } finally {
      free()
    }
  }

  #acquire({ slots }: AccountLimits, end: AbortSignal): Promise<FreeSlot> {
    const acquire = (): Promise<FreeSlot> => slots.acquire(end)
    return slots.isFull ? this.#parts.whileWaiting(acquire) : acquire()
  }

  async #send<T>(limits: AccountLimits, call: TwilioCall<T>, end: AbortSignal): Promise<T> {
    const { monotonic, closed, sendOnce } = this.#parts
    const began = monotonic()
    const latest = Math.min(began + LONGEST_WAIT_MS, call.notAfter?.monotonic ?? Number.POSITIVE_INFINITY)
    const unknownOutcome = trackOutcome(call)
    await this.#waitOutPause(limits, latest, end)
    for (let number = 1; ; number++) {
      if (closed.aborted) throw unknownOutcome.unknownOr(notSent('The client was closed'))
      const outcome = await sendOnce(call)
      if (outcome.ok) return outcome.value
      unknownOutcome.note(outcome.failure)
      const done = { limits, number, elapsedMs: monotonic() - began }
      const { failure, waitMs } = this.#whatNext(call, outcome.failure, done)
      if (end.aborted && !call.operation.mutates) throw givenUp()
      if (waitMs === undefined || monotonic() + waitMs > latest) throw unknownOutcome.unknownOr(failure)
      const waited = this.#sleep(waitMs, end).then(() => this.#waitOutPause(limits, latest, end))
      await unknownOutcome.guard(waited)
    }
  }

  /** Whether and when the call is sent again, and the failure if it is not. Pauses the account after a 429. */
  #whatNext(call: TwilioCall<unknown>, failure: TwilioFailure, done: Done): Next {
    if (failure.kind !== 'rate-limited')
      return { failure, waitMs: this.#waitBeforeRepeat(call, failure, done) }
    const backoff = backoffMs(THROTTLED, done.number, this.#parts.random())
    const { pause } = done.limits
    pause.atLeast(Math.max(failure.retryAfterMs ?? 0, backoff))
    const left = pause.remainingMs()
    const waitMs = done.number < MOST_THROTTLED ? left : undefined
    return { failure: withRetryAfter(failure, left), waitMs }
  }

  #waitBeforeRepeat(
    { operation: { repeatable, mutates } }: TwilioCall<unknown>,
    { kind, retryAfterMs }: TwilioFailure,
    { number, elapsedMs }: Done,
  ): number | undefined {
    const provesNothing = kind === 'transient' || (kind === 'not-sent' && !mutates)
    if (!repeatable || !provesNothing || retryAfterMs !== undefined) return undefined
    if (number >= MOST_REPEATED || elapsedMs >= this.#parts.callTimeoutMs) return undefined
    return backoffMs(REPEAT, number, this.#parts.random())
  }

  /** Waits for the end of the account's pause, unless that comes after `until`. */
  async #waitOutPause({ pause }: AccountLimits, until: number, end: AbortSignal): Promise<void> {
    for (let left = pause.remainingMs(); left > 0; left = pause.remainingMs()) {
      if (this.#parts.monotonic() + left > until) throw rateLimited(left)
      await this.#sleep(left, end)
    }
  }

  async #sleep(milliseconds: number, end: AbortSignal): Promise<void> {
    const { pause, whileWaiting } = this.#parts
    await whileWaiting(() => pause(milliseconds, end))
    if (end.aborted) throw givenUp()
  }
}

interface Next {
  readonly failure: TwilioFailure
  readonly waitMs: number | undefined
}

interface Done {
  readonly limits: AccountLimits
  readonly number: number
  readonly elapsedMs: number
}

/**
 * Remembers that an earlier request of a write may have been processed: a later one that was not sent, or was not
 * processed, must not make that certain.
 */
function trackOutcome(call: TwilioCall<unknown>) {
  let unknown: TwilioFailure | undefined
  const unknownOr = (failure: TwilioFailure): TwilioFailure =>
    unknown !== undefined && (failure.kind === 'not-sent' || failure.kind === 'rate-limited')
      ? unknown
      : failure
  return {
    unknownOr,
    note(failure: TwilioFailure): void {
      if (call.operation.mutates && mayHaveBeenProcessed(failure.kind)) unknown = failure
    },
    /** Replaces the rejection of `waiting`, after which nothing is sent any more. */
    async guard(waiting: Promise<void>): Promise<void> {
      await waiting.catch((failure: unknown) => {
        throw unknown ?? failure
      })
    },
  }
}
