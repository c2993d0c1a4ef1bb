import { cellOf, type Cell } from './cell.ts'
import type { CrashFault, Item } from './fault.ts'

/** Requests by scenario. */
export type RequestLists = Readonly<Record<string, readonly Item[]>>

/** Every fault at every request that it applies to. */
export function planOf(lists: RequestLists, faults: readonly CrashFault[]): Cell[] {
  return Object.entries(lists).flatMap(([scenario, items]) =>
    items.flatMap((item) =>
      faults
        .filter(({ appliesTo }) => appliesTo(item.name, scenario))
        .map(({ name }) => cellOf(scenario, item, name)),
    ),
  )
}

/** The same order for the same seed, which is any text. */
export function shuffled<T>(all: readonly T[], seed: string): T[] {
  const random = randomOf(seed)
  const copy = [...all]
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    const [a, b] = [copy[last], copy[other]]
    if (a !== undefined && b !== undefined) [copy[last], copy[other]] = [b, a]
  }
  return copy
}

/** `count` cells that are spread over scenarios and faults: each next one is of those met least often. */
export function sampleOf(cells: readonly Cell[], count: number, seed: string): Cell[] {
  const rest = new Set(shuffled(cells, seed))
  const met = new Map<string, number>()
  const rarity = ({ scenario, fault }: Cell): number => (met.get(scenario) ?? 0) + (met.get(fault) ?? 0)
  const chosen: Cell[] = []
  while (chosen.length < count && rest.size > 0) {
    const next = [...rest].reduce((best, cell) => (rarity(cell) < rarity(best) ? cell : best))
    rest.delete(next)
    chosen.push(next)
    for (const name of [next.scenario, next.fault]) met.set(name, (met.get(name) ?? 0) + 1)
  }
  return chosen
}

/** FNV-1a for the text, then mulberry32: between 0 and 1. */
function randomOf(seed: string): () => number {
  let state = 0x811c9dc5
  for (const letter of seed) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
