import type { Clock } from './clock.ts'

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
