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
