import { Refusal, codes } from './errors.ts'
import { wholeNumber } from './form.ts'
import type { Settings } from './settings.ts'

const DEFAULT_PAGE_SIZE = 50

export interface Page<T> {
  readonly items: readonly T[]
  readonly meta: PageMeta
}

export interface PageMeta {
  readonly page: number
  readonly page_size: number
  readonly first_page_url: string
  readonly previous_page_url: string | null
  readonly url: string
  readonly next_page_url: string | null
  readonly key: string
}

/** What a LIST was asked: its URL, its parameters and the name of its array. */
export interface PageRequest {
  readonly url: string
  readonly query: URLSearchParams
  readonly key: string
  readonly settings: Settings
}

/**
 * One page of the records, in their order of creation. `Page` is the reader's own count, as at Twilio: only
 * `PageToken` moves. A token names a record at the edge of the page, so deletions between pages lose nothing.
 */
export function pageOf<T extends { readonly order: number }>(
  all: readonly T[],
  request: PageRequest,
): Page<T> {
  const { query, settings } = request
  const size = pageSize(query, settings)
  const page = wholeNumber(query, 'Page', codes.badPaging) ?? 0
  const token = query.get('PageToken')
  const direction = settings.listOrder === 'oldestFirst' ? 1 : -1
  const sorted = all.toSorted((a, b) => direction * (a.order - b.order))
  const { items, hasMore } = cut(sorted, { size, token, direction })
  const url = (number: number, next: string | null): string => pageUrl(request, { size, number, next })
  const [first, last] = [items[0], items.at(-1)]
  return {
    items,
    meta: {
      page,
      page_size: size,
      first_page_url: url(0, null),
      previous_page_url: page > 0 && first ? url(page - 1, writeToken('PB', first.order)) : null,
      url: url(page, token),
      next_page_url: hasMore && last ? url(page + 1, writeToken('PA', last.order)) : null,
      key: request.key,
    },
  }
}

interface Cut {
  readonly size: number
  readonly token: string | null
  /** 1 when the order of creation rises along the list, else -1. */
  readonly direction: 1 | -1
}

function cut<T extends { readonly order: number }>(sorted: readonly T[], { size, token, direction }: Cut) {
  if (token === null) return { items: sorted.slice(0, size), hasMore: sorted.length > size }
  const { backwards, order } = readToken(token)
  if (backwards) {
    const before = sorted.filter((r) => direction * (r.order - order) < 0)
    return { items: before.slice(-size), hasMore: true }
  }
  const rest = sorted.filter((r) => direction * (r.order - order) > 0)
  return { items: rest.slice(0, size), hasMore: rest.length > size }
}

function pageSize(query: URLSearchParams, settings: Settings): number {
  const size =
    wholeNumber(query, 'PageSize', codes.badPaging) ?? Math.min(DEFAULT_PAGE_SIZE, settings.maxPageSize)
  const tooLarge = size > settings.maxPageSize
  if (size === 0 || (tooLarge && settings.pageSizeOverMaximum === 'refused')) {
    throw new Refusal(400, codes.badPaging, `PageSize must be between 1 and ${settings.maxPageSize}`)
  }
  return Math.min(size, settings.maxPageSize)
}

function writeToken(prefix: 'PA' | 'PB', order: number): string {
  return prefix + order.toString(16).padStart(32, '0')
}

function readToken(token: string): { backwards: boolean; order: number } {
  if (!/^P[AB][0-9a-f]{32}$/.test(token))
    throw new Refusal(400, codes.badPaging, 'PageToken is not one of ours')
  return { backwards: token.startsWith('PB'), order: Number.parseInt(token.slice(2), 16) }
}

function pageUrl(request: PageRequest, part: { size: number; number: number; next: string | null }): string {
  const query = new URLSearchParams(request.query)
  query.delete('PageToken')
  query.set('PageSize', String(part.size))
  query.set('Page', String(part.number))
  if (part.next !== null) query.set('PageToken', part.next)
  return `${request.url}?${query.toString()}`
}
