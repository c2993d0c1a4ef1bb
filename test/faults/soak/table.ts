import { MEASURES, type Sample } from './measures.ts'
import type { Slope } from './verdict.ts'

const WIDTH = 11
const HEADINGS: Readonly<Record<keyof Sample, string>> = {
  heap: 'heap MB',
  committed: 'held MB',
  external: 'ext. MB',
  resident: 'RSS MB',
  handles: 'handles',
  timers: 'timers',
  requests: 'requests',
  queue: 'queue',
  toApiServer: 'API/min',
  toTwilio: 'Twilio/min',
  lag: 'lag ms',
}

/** How much was done until the row ends. */
export interface SoakProgress {
  readonly minutes: number
  readonly left: number
  readonly actions: number
  readonly troubles: number
  readonly living: number
}

const cell = (text: string | number): string => String(text).padStart(WIDTH)
const round = (value: number): string => value.toFixed(value < 100 ? 1 : 0)

export const heading = (): string =>
  ['minute', ...MEASURES.map((measure) => HEADINGS[measure]), 'Sinks', 'actions', 'troubles', 'min left']
    .map(cell)
    .join('')

export const line = (row: Sample, { minutes, left, actions, troubles, living }: SoakProgress): string =>
  [round(minutes), ...MEASURES.map((measure) => round(row[measure])), living, actions, troubles, round(left)]
    .map(cell)
    .join('')

export function slopeLines(slopes: readonly Slope[]): string[] {
  if (slopes.length === 0) return ['Too short to judge slopes: that takes nine rows.']
  return slopes.map(
    ({ measure, middle, last, limit, flat }) =>
      `${flat ? 'flat   ' : 'GROWING'} ${HEADINGS[measure].padEnd(9)} middle third ${round(middle)}, last third ${round(last)}, at most ${round(limit)}`,
  )
}
