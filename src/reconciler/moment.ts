import type { Clock } from './ports.ts'
import type { Moment } from '../sink/observation.ts'

export const momentOf = (clock: Clock): Moment => ({ monotonic: clock.monotonic(), wall: clock.now() })

/** `ms`: milliseconds, on both clocks. */
export const later = ({ monotonic, wall }: Moment, ms: number): Moment => ({
  monotonic: monotonic + ms,
  wall: wall + ms,
})

/** Whether either clock says so: the other may have stood still, or been set back. */
export const isPast = ({ monotonic, wall }: Moment, clock: Clock): boolean =>
  clock.monotonic() > monotonic || clock.now() > wall
