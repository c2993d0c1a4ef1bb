import { until } from '../../rigs/until.ts'
import type { ClusterAddress } from '../../rigs/control-plane/cluster-access.ts'
import { apiCalls } from '../../rigs/control-plane/api-access.ts'
import { follow, type WatchedObject } from '../gitops/object-watch.ts'

/** One change of a Sink or TwilioAccount of any namespace, as the API server told of it. */
export interface SeenChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** On the clock of `performance.now()`. */
  readonly at: number
  readonly object: NamespacedObject
}

export type NamespacedObject = WatchedObject & {
  readonly metadata: { readonly namespace: string; readonly creationTimestamp: string }
}

export interface WrittenEvent {
  readonly metadata: { readonly namespace: string; readonly annotations?: Readonly<Record<string, string>> }
  readonly reason?: string
  readonly action?: string
  readonly note?: string
  readonly related?: unknown
  readonly regarding?: { readonly kind: string; readonly name: string }
}

/** Everything that anybody could read of our two kinds, and every event, from the beginning on. */
export interface History {
  readonly changes: readonly SeenChange[]
  readonly events: readonly WrittenEvent[]
  /** The first change of the past or the future that is so; undefined when there is none in time. */
  first(is: (change: SeenChange) => boolean, withinMs: number): Promise<SeenChange | undefined>
  end(): void
}

interface List {
  readonly metadata: { readonly resourceVersion: string }
}

interface Waiting {
  readonly is: (change: SeenChange) => boolean
  readonly resolve: (change: SeenChange | undefined) => void
}

const OURS = '/apis/events.twilio.com/v1alpha1'

export async function watchHistory(cluster: ClusterAddress): Promise<History> {
  const changes: SeenChange[] = []
  const events: WrittenEvent[] = []
  const waiting = new Set<Waiting>()
  const call = apiCalls(cluster)
  const tell = (change: SeenChange): void => {
    changes.push(change)
    for (const one of [...waiting]) {
      if (!one.is(change)) continue
      waiting.delete(one)
      one.resolve(change)
    }
  }
  const watch = async <T>(path: string, seen: (type: string, object: T) => void): Promise<() => void> => {
    // For a moment after a change of its definition a kind cannot be listed.
    const { metadata } = await until(
      `${path} is served`,
      () => call('GET', path).catch(() => undefined) as Promise<List | undefined>,
    )
    const query = `watch=true&resourceVersion=${metadata.resourceVersion}`
    return follow<T>(cluster, `${path}?${query}`, ({ type, object }) => seen(type, object))
  }
  const changed = (type: string, object: NamespacedObject): void => {
    if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED')
      tell({ type, at: performance.now(), object })
  }
  const ends = await Promise.all([
    watch(`${OURS}/sinks`, changed),
    watch(`${OURS}/twilioaccounts`, changed),
    watch<WrittenEvent>('/apis/events.k8s.io/v1/events', (_, event) => events.push(event)),
  ])
  return {
    changes,
    events,
    first: (is, withinMs) =>
      new Promise((resolve) => {
        const past = changes.find(is)
        if (past !== undefined) return resolve(past)
        const one: Waiting = { is, resolve }
        waiting.add(one)
        setTimeout(() => {
          if (waiting.delete(one)) resolve(undefined)
        }, withinMs)
      }),
    end: () => ends.forEach((end) => end()),
  }
}
