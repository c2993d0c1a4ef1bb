import { setTimeout as wait } from 'node:timers/promises'

/** Two readings of time, in milliseconds. */
export interface Clock {
  /** Wall clock, since the epoch; may jump. */
  now(): number
  /** Since some start; never goes back. */
  monotonic(): number
}

/** Ends a timer that has not fired; harmless afterwards. */
export type Cancel = () => void

export interface Timers {
  /** Calls `callback` once, not before `ms` milliseconds have passed and never within this call. */
  after(ms: number, callback: () => void): Cancel
}

/** The only place that reads the real clocks. */
export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** Longer delays overflow Node's timers, which then fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1

export const systemTimers: Timers = {
  after: (ms, callback) => {
    const timer = setTimeout(callback, Math.min(ms, LONGEST_DELAY))
    return () => {
      clearTimeout(timer)
    }
  },
}

/** Resolves after `ms` milliseconds, or at once when `signal` ends. Never rejects. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await wait(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
}

/** On both clocks: a paused machine stops the monotonic one, and the wall clock may be set back. */
export interface Moment {
  /** Wall clock, ms since the epoch. */
  readonly wall: number
  /** Monotonic ms; all points in time without a comment are of this clock. */
  readonly monotonic: number
}

export const momentOf = (clock: Clock): Moment => ({ monotonic: clock.monotonic(), wall: clock.now() })

/** `ms`: milliseconds, on both clocks. */
export const later = ({ monotonic, wall }: Moment, ms: number): Moment => ({
  monotonic: monotonic + ms,
  wall: wall + ms,
})

/** Whether either clock says so: the other may have stood still, or been set back. */
export const isPast = ({ monotonic, wall }: Moment, clock: Clock): boolean =>
  clock.monotonic() > monotonic || clock.now() > wall

/**
 * Milliseconds that have passed since some start, never too few: stretch by stretch the larger of what both clocks say. A
 * paused machine stops the monotonic clock, and a wall clock may be set back; one that is set forward only makes it
 * seem longer. Assumption: a wall clock is not set back in the same stretch in which its machine is paused.
 */
export type CautiousClock = () => number

/** Long enough that the wall clock's whole milliseconds do not add up. */
const STRETCH = 200

export function createCautiousClock(clock: Clock): CautiousClock {
  let [monotonic, wall] = [clock.monotonic(), clock.now()]
  let before = 0
  return () => {
    const [monotonicNow, wallNow] = [clock.monotonic(), clock.now()]
    const passed = before + Math.max(monotonicNow - monotonic, wallNow - wall)
    if (passed - before < STRETCH) return passed
    ;[before, monotonic, wall] = [passed, monotonicNow, wallNow]
    return passed
  }
}
