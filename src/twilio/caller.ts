import { mayHaveBeenProcessed, type TwilioFailure } from '../external/failure.ts'
import type { SendOnce } from './send-once.ts'
import type { TwilioCall } from './call.ts'
import { notSent, rateLimited, withRetryAfter } from './failures.ts'
import type { AccountLimits, FreeSlot } from './limits.ts'

interface DelayRange {
  readonly firstMs: number
  readonly longestMs: number
}

/** After a 429 that does not say how long to wait. */
export const THROTTLED: DelayRange = { firstMs: 500, longestMs: 30_000 }

/** Before a read or DELETE is sent again within the same call; anything slower is left to the work queue. */
export const REPEAT: DelayRange = { firstMs: 100, longestMs: 1_000 }

/** Doubles with each try (counted from 1); jitter adds up to a half and never takes away. */
export function backoffMs(range: DelayRange, tries: number, random: () => number): number {
  const base = range.firstMs * 2 ** (tries - 1)
  return Math.min(Math.round(base * (1 + random() / 2)), range.longestMs)
}

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
  /** Rejects when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
  readonly callTimeoutMs: number
  /** Aborted when the client is closed: then nothing waits any longer. */
  readonly closed: AbortSignal
}

export interface Caller {
  /** Waits for a slot and sends. Rejects with a `TwilioFailure` only. */
  call<T>(call: TwilioCall<T>): Promise<T>
  /** Runs `work` in a slot, once the account is not paused; its `send` takes no slot of its own. */
  withSlot<T>(work: (send: Send) => Promise<T>): Promise<T>
}

export type Send = <T>(call: TwilioCall<T>) => Promise<T>

/** The calls of one account: slots, pauses after 429, repeats. */
export function createCaller(parts: CallerParts): Caller {
  const { monotonic, closed } = parts

  async function takeSlot({ slots }: AccountLimits): Promise<FreeSlot> {
    return slots.acquire(closed).catch(() => {
      throw notSent('The client was closed')
    })
  }

  async function sleep(milliseconds: number): Promise<void> {
    await parts.sleep(milliseconds, closed).catch(() => {
      throw notSent('The client was closed')
    })
  }

  /** Waits for the end of the account's pause, unless that comes after `until`. */
  async function waitOutPause({ pause }: AccountLimits, until: number): Promise<void> {
    for (let left = pause.remainingMs(); left > 0; left = pause.remainingMs()) {
      if (monotonic() + left > until) throw rateLimited(left)
      await sleep(left)
    }
  }

  async function send<T>(limits: AccountLimits, call: TwilioCall<T>): Promise<T> {
    const began = monotonic()
    const latest = Math.min(began + LONGEST_WAIT_MS, call.notAfter?.monotonic ?? Number.POSITIVE_INFINITY)
    const unknownOutcome = trackOutcome(call)
    await waitOutPause(limits, latest)
    for (let number = 1; ; number++) {
      if (closed.aborted) throw unknownOutcome.unknownOr(notSent('The client was closed'))
      const outcome = await parts.sendOnce(call)
      if (outcome.ok) return outcome.value
      unknownOutcome.note(outcome.failure)
      const done = { limits, number, elapsedMs: monotonic() - began }
      const { failure, waitMs } = whatNext(call, outcome.failure, done)
      if (waitMs === undefined || monotonic() + waitMs > latest) throw unknownOutcome.unknownOr(failure)
      await unknownOutcome.guard(sleep(waitMs).then(() => waitOutPause(limits, latest)))
    }
  }

  /** Whether and when the call is sent again, and the failure if it is not. Pauses the account after a 429. */
  function whatNext(call: TwilioCall<unknown>, failure: TwilioFailure, done: Done): Next {
    if (failure.kind !== 'rate-limited') return { failure, waitMs: waitBeforeRepeat(call, failure, done) }
    const backoff = backoffMs(THROTTLED, done.number, parts.random)
    const { pause } = done.limits
    pause.atLeast(Math.max(failure.retryAfterMs ?? 0, backoff))
    const left = pause.remainingMs()
    const waitMs = done.number < MOST_THROTTLED ? left : undefined
    return { failure: withRetryAfter(failure, left), waitMs }
  }

  function waitBeforeRepeat(
    call: TwilioCall<unknown>,
    failure: TwilioFailure,
    done: Done,
  ): number | undefined {
    const { repeatable, mutates } = call.operation
    const provesNothing = failure.kind === 'transient' || (failure.kind === 'not-sent' && !mutates)
    if (!repeatable || !provesNothing || failure.retryAfterMs !== undefined) return undefined
    if (done.number >= MOST_REPEATED || done.elapsedMs >= parts.callTimeoutMs) return undefined
    return backoffMs(REPEAT, done.number, parts.random)
  }

  return {
    async call(call) {
      const limits = parts.limits()
      const free = await takeSlot(limits)
      try {
        return await send(limits, call)
      } finally {
        free()
      }
    },
    async withSlot(work) {
      const limits = parts.limits()
      const free = await takeSlot(limits)
      try {
        await waitOutPause(limits, monotonic() + LONGEST_WAIT_MS)
        return await work((call) => send(limits, call))
      } finally {
        free()
      }
    },
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
