import { KubernetesFailure } from '../../reconciler/ports.ts'
import type { Body } from '../client/body.ts'
import type { ApiCall } from '../client/call.ts'
import type { Connection } from '../client/connection.ts'
import { AnswerTooLong } from '../client/failure.ts'
import { listAt, textAt } from '../client/json-value.ts'

/**
 * The API server counts a page in objects, and whoever may write an object may make it a hundred times as long as others.
 * So the first page is small, each following one is as long as the objects of the one before let expect, and one that is
 * too long all the same is asked for again in parts.
 */
const PAGE_BYTES = 4 * 1024 * 1024
const MOST_BYTES = 4 * PAGE_BYTES
const FIRST_LIMIT = 20
const LONGEST_LIMIT = 500
const PAGE_TIMEOUT_MS = 10_000
const CHECK_TIMEOUT_MS = 5_000

export interface Listing {
  readonly connection: Connection
  readonly path: string
  readonly signal: AbortSignal
}

/**
 * The whole collection as it was at one moment, which is the moment of the first page. Hands over each page as it comes,
 * and resolves to the version. Rejects when any page fails; one try each, since the caller backs off.
 */
export async function listPages(
  listing: Listing,
  take: (objects: readonly unknown[]) => void,
): Promise<string> {
  let version: string | undefined
  let limit = FIRST_LIMIT
  for (let token = ''; ;) {
    const page = await pageFrom(listing, token, limit)
    const objects = listAt(page.value, 'items')
    version ??= versionOfList(page.value, listing.path)
    take(objects)
    token = textAt(page.value, 'metadata', 'continue') ?? ''
    if (token === '') return version
    limit = limitFor(page.bytes / Math.max(1, objects.length))
  }
}

const limitFor = (bytesPerObject: number): number =>
  Math.max(1, Math.min(LONGEST_LIMIT, Math.floor(PAGE_BYTES / bytesPerObject)))

/** A shorter one, where it is too long. */
async function pageFrom(listing: Listing, token: string, limit: number): Promise<Body> {
  const query = { limit: String(limit), ...(token !== '' && { continue: token }) }
  try {
    return await listing.connection.requestMeasured(pageCall(listing, query))
  } catch (error) {
    const isTooLong = error instanceof KubernetesFailure && error.cause instanceof AnswerTooLong
    if (!isTooLong || limit === 1) throw error
    return pageFrom(listing, token, Math.ceil(limit / 4))
  }
}

/** The resourceVersion that a LIST would have now. */
export async function presentVersion(listing: Listing): Promise<string> {
  const call = { ...pageCall(listing, { limit: '1' }), timeoutMs: CHECK_TIMEOUT_MS }
  return versionOfList(await listing.connection.request(call), listing.path)
}

const pageCall = ({ path, signal }: Listing, query: Readonly<Record<string, string>>): ApiCall => ({
  method: 'GET',
  path,
  query,
  signal,
  tries: 1,
  timeoutMs: PAGE_TIMEOUT_MS,
  maxBytes: MOST_BYTES,
})

function versionOfList(page: unknown, path: string): string {
  const version = textAt(page, 'metadata', 'resourceVersion')
  if (version === undefined) throw new KubernetesFailure('unavailable', `GET ${path}: no list`)
  return version
}
