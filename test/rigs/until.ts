import { setTimeout as sleep } from 'node:timers/promises'

/** Something that should have come did not. */
export class NotSeen extends Error {}

const EVERY_MS = 80

/** Looks until there is something, milliseconds long at most. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  within = 40_000,
  every = EVERY_MS,
): Promise<T> {
  const end = performance.now() + within
  while (performance.now() < end) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    await sleep(every)
  }
  throw new NotSeen(`Not seen within ${within / 1000} s: ${what}`)
}

/** The same, for what shows soon and says itself what it is. */
export const eventually = <T>(look: () => T | undefined | false, within = 20_000): Promise<T> =>
  until(look.toString(), look, within, 10)
