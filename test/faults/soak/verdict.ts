import { median, type Measure, type Sample } from './measures.ts'

/** How much more than a tenth a measure may grow from the middle third of a run to the last: what chance moves. */
const SLACK: Readonly<Record<Exclude<Measure, 'lag'>, number>> = {
  heap: 2,
  committed: 16,
  external: 2,
  resident: 8,
  handles: 5,
  timers: 10,
  requests: 5,
  queue: 5,
  // Chance decides how much is done in a minute.
  toApiServer: 200,
  toTwilio: 100,
}

/** The first third is warming up; a third needs so many rows to say something. */
const ROWS_PER_THIRD = 3

export interface Slope {
  readonly measure: Measure
  readonly middle: number
  readonly last: number
  readonly limit: number
  readonly flat: boolean
}

/** Flat: the median of the last third is at most 1.1 times that of the middle third, and a small constant. */
export function slopes(rows: readonly Sample[]): readonly Slope[] {
  const third = Math.floor(rows.length / 3)
  if (third < ROWS_PER_THIRD) return []
  const [middle, last] = [rows.slice(-2 * third, -third), rows.slice(-third)]
  return (Object.keys(SLACK) as (keyof typeof SLACK)[]).map((measure) => {
    const of = (part: readonly Sample[]): number => median(part.map((row) => row[measure]))
    const limit = 1.1 * of(middle) + SLACK[measure]
    return { measure, middle: of(middle), last: of(last), limit, flat: of(last) <= limit }
  })
}
