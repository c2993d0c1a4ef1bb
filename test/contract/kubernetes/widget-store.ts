import { systemClock } from '../../../src/time/clock.ts'
import { Slots } from '../../../src/time/slots.ts'
import { Connection, type ConnectionOptions } from '../../../src/kubernetes/client/connection.ts'
import type { ListWatchTiming } from '../../../src/kubernetes/cache/list-watch.ts'
import type { ObjectChange } from '../../../src/kubernetes/cache/own-writes.ts'
import { WatchedStore } from '../../../src/kubernetes/cache/object-store.ts'
import type { Parse } from '../../../src/kubernetes/cache/decode-object.ts'
import { WIDGETS } from './fake-api-server.ts'

export interface Widget {
  metadata: {
    uid: string
    resourceVersion: string
    finalizers?: string[]
    annotations?: unknown
    managedFields?: unknown
  }
  spec: { size?: number; poison?: boolean }
  status?: { phase?: string }
}

export const parseWidget: Parse<Widget> = (value) => {
  const object = value as Widget
  if (object.spec.poison === true) throw new Error('poison')
  return typeof object.spec.size === 'string'
    ? { readable: false, problem: 'spec.size', partial: undefined }
    : { readable: true, object }
}

export const connect = (url: string, options: Partial<ConnectionOptions> = {}): Connection =>
  new Connection({
    credentials: { read: async () => ({ server: url, headers: {}, tls: {}, proxy: undefined }) },
    clock: systemClock,
    random: () => 0.5,
    userAgent: 'test',
    ...options,
  })

export interface RunningStore {
  readonly store: WatchedStore<Widget>
  readonly changes: ObjectChange<Widget>[]
  /** Keys of changes that were no write of ours. */
  readonly foreign: string[]
  readonly logged: string[]
  readonly restarts: string[]
  readonly signal: AbortSignal
  stop(): Promise<void>
}

/** A tenth of the real delays, and watches of one second. */
export const FAST: Partial<ListWatchTiming> = {
  watchSeconds: 1,
  marginMs: 300,
  openMs: 500,
  shortMs: 100,
  backOffScale: 0.05,
}

export function runWidgetStore(url: string, namespaces: readonly string[] = []): RunningStore {
  const connection = connect(url)
  const [changes, foreign, logged, restarts]: [ObjectChange<Widget>[], string[], string[], string[]] = [
    [],
    [],
    [],
    [],
  ]
  const note = (_: unknown, message: string): void => {
    logged.push(message)
  }
  const store = new WatchedStore({
    connection,
    watching: { connection, lists: new Slots(8) },
    resource: WIDGETS,
    namespaces,
    parse: parseWidget,
    clock: systemClock,
    random: () => 0.5,
    log: { info: note, warn: note, error: note },
    observer: { restarted: (reason) => restarts.push(reason) },
    timing: FAST,
  })
  store.onChange((change) => changes.push(change))
  store.onForeignChange(({ key }) => foreign.push(key))
  const end = new AbortController()
  const stopped = store.start(end.signal)
  const stop = async (): Promise<void> => {
    end.abort()
    await stopped
    await connection.close()
  }
  return { store, changes, foreign, logged, restarts, signal: end.signal, stop }
}

export const sizeOf = (store: WatchedStore<Widget>, name: string): number | undefined => {
  const held = store.get(`default/${name}`)
  return held?.readable === true ? held.object.spec.size : undefined
}
