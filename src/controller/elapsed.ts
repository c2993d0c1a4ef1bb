import type { Clock } from './clock.ts'

/** One moment on both clocks, in milliseconds. */
export interface Moment {
  readonly monotonic: number
  readonly wall: number
}

export const momentOf = (clock: Clock): Moment => ({ monotonic: clock.monotonic(), wall: clock.now() })

/**
 * Milliseconds since `moment`, as the larger of both clocks has it: a paused machine stops the monotonic clock, and a
 * wall clock may be set back. One that is set forward only makes it seem longer.
 */
export const elapsedSince = (clock: Clock, moment: Moment): number =>
  Math.max(clock.monotonic() - moment.monotonic, clock.now() - moment.wall)
