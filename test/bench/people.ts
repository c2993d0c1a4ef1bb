import { isReady, type SinkObject } from '../rigs/sink-object.ts'
import { sinksOf, SINKS, type BenchApi } from './api.ts'

/** As many people write at a time. */
export const WRITERS = 16

/** A Sink by where it is. */
export interface SinkKey {
  readonly namespace: string
  readonly name: string
}

const textOf = ({ namespace, name }: SinkKey): string => `${namespace}/${name}`

/** So many Sinks, spread evenly over the namespaces, in turns. */
export const sinkKeys = (prefix: string, count: number, namespaces: readonly string[]): readonly SinkKey[] =>
  Array.from({ length: count }, (_, index) => ({
    namespace: namespaces[index % namespaces.length] ?? '',
    name: `${prefix}-${index}`,
  }))

export const postSink = (api: BenchApi, { namespace, name }: SinkKey): Promise<unknown> =>
  api.call('POST', sinksOf(namespace), {
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: 'Sink',
    metadata: { name },
    spec: {
      description: `Events for ${name}`,
      webhook: { destination: `https://${name}.example.com/events` },
    },
  })

/** What becomes of Sinks, as a watch tells. */
export interface SinkWatch {
  /** Both resolve with the moment at which it is seen, and must be asked before the Sink can come to it. */
  ready(key: SinkKey): Promise<number>
  gone(key: SinkKey): Promise<number>
  /** How many are still awaited. */
  awaited(): number
}

interface WatchEvent {
  readonly type: string
  readonly object: SinkObject
}

export async function openSinkWatch(api: BenchApi): Promise<SinkWatch> {
  const awaited = { ready: new Map<string, Seen>(), gone: new Map<string, Seen>() }
  const { metadata } = (await api.call('GET', `${SINKS}?limit=1`)) as {
    metadata: { resourceVersion: string }
  }
  const from = `${SINKS}?watch=true&timeoutSeconds=7200&resourceVersion=${metadata.resourceVersion}`
  await api.watch(from, (event) => {
    const { type, object } = event as WatchEvent
    if (type === 'ERROR') return
    const key = `${object.metadata.namespace}/${object.metadata.name}`
    const seen = type === 'DELETED' ? awaited.gone : isReady(object) ? awaited.ready : undefined
    seen?.get(key)?.(performance.now())
    seen?.delete(key)
  })
  const when = (what: Map<string, Seen>, key: SinkKey): Promise<number> =>
    new Promise((resolve) => what.set(textOf(key), resolve))
  return {
    ready: (key) => when(awaited.ready, key),
    gone: (key) => when(awaited.gone, key),
    awaited: () => awaited.ready.size + awaited.gone.size,
  }
}

type Seen = (at: number) => void

/** Each Sink after the one before is Ready; resolves with how long each took, milliseconds. */
export async function createOneByOne(
  api: BenchApi,
  watch: SinkWatch,
  keys: readonly SinkKey[],
): Promise<readonly number[]> {
  const waits: number[] = []
  for (const key of keys) {
    const ready = watch.ready(key)
    const sent = performance.now()
    await postSink(api, key)
    waits.push((await ready) - sent)
  }
  return waits
}

/** All at once, as fast as the writers can; resolves when the last is Ready. */
export async function createAll(api: BenchApi, watch: SinkWatch, keys: readonly SinkKey[]): Promise<void> {
  const ready = keys.map((key) => watch.ready(key))
  await inLanes(WRITERS, keys, (key) => postSink(api, key))
  await Promise.all(ready)
}

/** All at once; resolves when the last is gone. */
export async function removeAll(api: BenchApi, watch: SinkWatch, keys: readonly SinkKey[]): Promise<void> {
  const gone = keys.map((key) => watch.gone(key))
  await inLanes(WRITERS, keys, ({ namespace, name }) => api.call('DELETE', `${sinksOf(namespace)}/${name}`))
  await Promise.all(gone)
}

/** Does all, in their order, so many at a time. */
export async function inLanes<T>(
  lanes: number,
  all: readonly T[],
  work: (one: T) => Promise<unknown>,
): Promise<void> {
  const waiting = all.values()
  const lane = async (): Promise<void> => {
    for (const one of waiting) await work(one)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
