import type { Connection } from '../client/connection.ts'
import { numberAt, textAt, valueAt } from '../client/json-value.ts'
import { troubleOfStatus, type ListWatchTrouble } from './list-watch-state.ts'
import type { WatchEventType } from './object-cache.ts'
import { MalformedLine, watchLines } from '../client/body.ts'

export type WatchEvent =
  | {
      readonly kind: 'change'
      readonly type: WatchEventType
      readonly object: unknown
      readonly version: string
    }
  /** Nothing has changed up to this version. */
  | { readonly kind: 'bookmark'; readonly version: string }
  | { readonly kind: 'error'; readonly trouble: ListWatchTrouble }

export interface WatchFrom {
  /** Of the collection. */
  readonly path: string
  readonly version: string
  /** How long the API server may let it last. */
  readonly seconds: number
  /** After so many milliseconds without headers it fails. */
  readonly openMs: number
  /** After so many milliseconds without a byte it fails. */
  readonly silenceMs: number
  readonly signal: AbortSignal
}

/** Far above the 1.5 MiB that etcd stores of an object. */
const MAX_LINE_BYTES = 16 * 1024 * 1024

/** The events of one watch, until the API server ends it. Leaving the loop cuts the connection. */
export async function* readWatch(connection: Connection, from: WatchFrom): AsyncGenerator<WatchEvent> {
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: from.version,
    timeoutSeconds: String(from.seconds),
  }
  const call = { method: 'GET' as const, path: from.path, query, signal: from.signal, timeoutMs: from.openMs }
  const chunks = await connection.stream(call, from.silenceMs)
  for await (const line of watchLines(chunks, MAX_LINE_BYTES)) yield eventOf(line)
}

function eventOf(line: unknown): WatchEvent {
  const type = textAt(line, 'type')
  const object = valueAt(line, 'object')
  if (type === 'ERROR') return { kind: 'error', trouble: troubleOfStatus(numberAt(object, 'code') ?? 0) }
  const version = textAt(object, 'metadata', 'resourceVersion')
  if (version === undefined) throw new MalformedLine('An event of a watch has no version')
  if (type === 'BOOKMARK') return { kind: 'bookmark', version }
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') {
    throw new MalformedLine('An event of a watch has an unknown type')
  }
  return { kind: 'change', type, object, version }
}
