import { WIDGETS } from '../../contract/kubernetes/fake-api-server.ts'
import { type Widget } from '../../contract/kubernetes/widget-store.ts'
import { systemClock } from '../../../src/time/clock.ts'
import { Slots } from '../../../src/time/slots.ts'
import { Connection } from '../../../src/kubernetes/client/connection.ts'
import { kubeconfigCredentials } from '../../../src/kubernetes/client/kubeconfig.ts'
import type { ObjectChange } from '../../../src/kubernetes/cache/own-writes.ts'
import { WatchedStore } from '../../../src/kubernetes/cache/object-store.ts'
import type { Parse } from '../../../src/kubernetes/cache/decode-object.ts'
import { eventually } from '../../rigs/until.ts'

const parse: Parse<Widget> = (value) => ({ readable: true, object: value as Widget })

export const connectBy = (kubeconfigPath: string): Connection =>
  new Connection({
    credentials: kubeconfigCredentials({ path: kubeconfigPath, environment: {} }, systemClock),
    clock: systemClock,
    random: Math.random,
    userAgent: 'test',
  })

export interface WatchedWidgets {
  readonly store: WatchedStore<Widget>
  readonly changes: ObjectChange<Widget>[]
  /** Keys of changes that were no write of ours. */
  readonly foreign: string[]
  readonly restarts: string[]
  /** How often a LIST, event or bookmark came. */
  readonly heard: { count: number }
  stop(): Promise<void>
}

/** A running store that has synced. */
export async function watchWidgets(
  connection: Connection,
  namespaces: readonly string[] = [],
): Promise<WatchedWidgets> {
  const changes: ObjectChange<Widget>[] = []
  const foreign: string[] = []
  const restarts: string[] = []
  const heard = { count: 0 }
  const store = new WatchedStore({
    connection,
    watching: { connection, lists: new Slots(8) },
    resource: WIDGETS,
    namespaces,
    parse,
    clock: systemClock,
    random: Math.random,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    observer: { restarted: (reason) => restarts.push(reason), heard: () => (heard.count += 1) },
    timing: { watchSeconds: 4, backOffScale: 0.25 },
  })
  store.onChange((change) => changes.push(change))
  store.onForeignChange(({ key }) => foreign.push(key))
  const end = new AbortController()
  const stopped = store.start(end.signal)
  await eventually(() => store.hasSynced())
  const stop = async (): Promise<void> => {
    end.abort()
    await stopped
  }
  return { store, changes, foreign, restarts, heard, stop }
}

export const widgetOf = (store: WatchedStore<Widget>, key: string): Widget | undefined => {
  const held = store.get(key)
  return held?.readable === true ? held.object : undefined
}
