/**
 * Time in the closed world: a small number of ticks, in the middle of which any number of things happen one after the
 * other. Milliseconds, as the product counts.
 */
export const TICK = 30_000
export const SETTLE_TICKS = 2
export const MODEL_SETTLE = SETTLE_TICKS * TICK
export const POLL = TICK
export const SETTLING_POLL = TICK
export const CALL_TIMEOUT = TICK / 2

/** Time never stands still: within a tick, each step and each look at the clock is later than the one before. */
const STEP = 1 / 64
const LOOK = STEP / 64

/** Of a tick that begins: later than all that was planned for it before. */
export const FIRST_STEP = 512

export const moment = (tick: number, step: number, look: number): number =>
  tick * TICK + step * STEP + look * LOOK

export const tickOf = (ms: number): number => Math.floor(ms / TICK)

/**
 * Within a tick only the order counts: whatever comes next may follow close behind. Of past ticks the first steps are
 * used, so that a moment which follows from one of them by adding ticks has passed when its tick begins. Returns the last
 * step that is taken.
 */
export function compressed(text: string, tick: number): { readonly text: string; readonly step: number } {
  const found = text.match(FRACTION) ?? []
  const moments = [...new Set(found.map(Number))].sort((a, b) => a - b)
  const ranks = new Map<number, number>()
  const counts = new Map<number, number>()
  for (const at of moments) {
    const count = (counts.get(tickOf(at)) ?? 0) + 1
    counts.set(tickOf(at), count)
    ranks.set(at, moment(tickOf(at), tickOf(at) === tick ? FIRST_STEP + count : count, 0))
  }
  const replaced = text.replaceAll(FRACTION, (digits) => String(ranks.get(Number(digits)) ?? digits))
  return { text: replaced, step: FIRST_STEP + (counts.get(tick) ?? 0) }
}

/** A number of JSON, and not part of a text. */
const FRACTION = /(?<=[:,[])\d+\.\d+(?=[,}\]])/gu
