import { setTimeout as sleep } from 'node:timers/promises'

/** Something that should have come did not. */
export class NotSeen extends Error {}

const EVERY_MS = 80

/** Looks until there is something; a bounded loop. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  within = 40_000,
): Promise<T> {
  const end = performance.now() + within
  while (performance.now() < end) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    await sleep(EVERY_MS)
  }
  throw new NotSeen(`Not seen within ${within / 1000} s: ${what}`)
}
