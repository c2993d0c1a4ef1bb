import { TwilioFailure } from '../external/failure.ts'
import type { Page } from './answers.ts'

/** An account holds 100 sinks and 100 subscriptions; even in pages of one that is enough. */
const MOST_PAGES = 200

export interface Pages<T> {
  readonly items: readonly T[]
  readonly pages: number
}

/**
 * Reads pages until one says that it is the last. An item seen twice (the list moved meanwhile) is kept as last seen.
 * Rejects with a `transient` failure when the next page is not at `origin`, was read before, or is one too many.
 */
export async function readPages<T extends { readonly sid: string }>(
  origin: string,
  firstPath: string,
  readPage: (path: string) => Promise<Page<T>>,
): Promise<Pages<T>> {
  const bySid = new Map<string, T>()
  const seen = new Set<string>()
  let path: string | undefined = firstPath
  while (path !== undefined) {
    if (seen.has(path)) throw notAList('a page leads back to an earlier one')
    if (seen.size >= MOST_PAGES) throw notAList('it has too many pages')
    seen.add(path)
    const page: Page<T> = await readPage(path)
    for (const item of page.items) bySid.set(item.sid, item)
    path = page.next === null ? undefined : pathAt(origin, page.next)
  }
  return { items: [...bySid.values()], pages: seen.size }
}

/** Path and query of an absolute URL at the origin. The credential goes to no other host, whatever an answer says. */
function pathAt(origin: string, next: string): string {
  const url = URL.parse(next)
  if (url?.origin !== origin) throw notAList('the next page is not at the configured host')
  return `${url.pathname}${url.search}`
}

function notAList(why: string): TwilioFailure {
  return new TwilioFailure({ kind: 'transient', message: `The list was thrown away: ${why}` })
}
