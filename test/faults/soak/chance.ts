export interface Chance {
  /** In [0, 1). */
  next(): number
  /** Undefined of nothing. */
  of<T>(choices: readonly T[]): T | undefined
  /** As often as their weights say. */
  weighted<T extends { readonly weight: number }>(choices: readonly T[]): T | undefined
  between(low: number, high: number): number
}

/** mulberry32: the same seed gives the same numbers. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    of: (choices) => choices[Math.floor(next() * choices.length)],
    weighted: (choices) => {
      let left = next() * choices.reduce((sum, { weight }) => sum + weight, 0)
      return choices.find(({ weight }) => (left -= weight) < 0)
    },
    between: (low, high) => low + next() * (high - low),
  }
}
