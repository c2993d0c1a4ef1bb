import { KubernetesFailure } from '../../reconciler/ports.ts'
import type { ApiCall } from '../client/call.ts'
import type { Connection } from '../client/connection.ts'
import { listAt, textAt } from '../client/json-value.ts'

export interface ListedObjects {
  readonly objects: readonly unknown[]
  readonly version: string
}

const PAGE_SIZE = '500'
const PAGE_TIMEOUT_MS = 10_000
const CHECK_TIMEOUT_MS = 5_000

/**
 * The whole collection as it was at one moment, which is the moment of the first page. Rejects when any page fails; one
 * try each, since the caller backs off.
 */
export async function listPages(
  connection: Connection,
  path: string,
  signal: AbortSignal,
): Promise<ListedObjects> {
  const objects: unknown[] = []
  let page = await connection.request(pageCall(path, { limit: PAGE_SIZE }, signal))
  const version = versionOfList(page, path)
  for (;;) {
    objects.push(...listAt(page, 'items'))
    const token = textAt(page, 'metadata', 'continue') ?? ''
    if (token === '') return { objects, version }
    page = await connection.request(pageCall(path, { limit: PAGE_SIZE, continue: token }, signal))
  }
}

/** The resourceVersion that a LIST would have now. */
export async function presentVersion(
  connection: Connection,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const call = { ...pageCall(path, { limit: '1' }, signal), timeoutMs: CHECK_TIMEOUT_MS }
  return versionOfList(await connection.request(call), path)
}

const pageCall = (path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): ApiCall => ({
  method: 'GET',
  path,
  query,
  signal,
  tries: 1,
  timeoutMs: PAGE_TIMEOUT_MS,
})

function versionOfList(page: unknown, path: string): string {
  const version = textAt(page, 'metadata', 'resourceVersion')
  if (version === undefined) throw new KubernetesFailure('unavailable', `GET ${path}: no list`)
  return version
}
