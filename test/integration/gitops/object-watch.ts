import { Agent, get } from 'node:https'
import type { SinkObject } from '../../rigs/sink-object.ts'
import { administratorOf, apiCalls } from '../../rigs/control-plane/api-access.ts'
import type { ClusterAddress } from '../../rigs/control-plane/cluster-access.ts'

/** Every version of the objects that the API server has told of, in its order. */
export interface ObjectWatch {
  readonly versions: readonly WatchedObject[]
  end(): void
}

export type WatchedObject = SinkObject & { readonly kind: 'Sink' | 'TwilioAccount' }

const RESOURCES = ['sinks', 'twilioaccounts'] as const

/** Watches the Sinks and TwilioAccounts of a namespace from now on. */
export async function watchObjects(
  cluster: ClusterAddress,
  namespace: string,
  seen: (object: WatchedObject) => void = () => undefined,
): Promise<ObjectWatch> {
  const versions: WatchedObject[] = []
  const ends = await Promise.all(
    RESOURCES.map(async (resource) => {
      const path = `/apis/events.twilio.com/v1alpha1/namespaces/${namespace}/${resource}`
      const list = await apiCalls(cluster)('GET', path)
      const { resourceVersion } = (list as { readonly metadata: { readonly resourceVersion: string } })
        .metadata
      return follow<WatchedObject>(
        cluster,
        `${path}?watch=true&resourceVersion=${resourceVersion}`,
        (change) => {
          if (change.type !== 'ADDED' && change.type !== 'MODIFIED') return
          versions.push(change.object)
          seen(change.object)
        },
      )
    }),
  )
  return { versions, end: () => ends.forEach((end) => end()) }
}

/** A line of a watch. */
export interface WatchLine<T> {
  readonly type: string
  readonly object: T
}

/** A watch of the API server lasts for half an hour and more: longer than a test. Returns how to end it. */
export function follow<T>(
  cluster: ClusterAddress,
  path: string,
  seen: (line: WatchLine<T>) => void,
): () => void {
  const { authorization, ca } = administratorOf(cluster)
  const watch = get(`${cluster.url}${path}`, { ca, agent: new Agent(), headers: { authorization } })
  watch.on('response', (response) => {
    let rest = ''
    response.setEncoding('utf8').on('data', (part: string) => {
      const lines = (rest + part).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) seen(JSON.parse(line) as WatchLine<T>)
    })
    response.on('error', () => undefined)
  })
  // Its end is ours; what it has not told, a test that needs it misses.
  watch.on('error', () => undefined)
  return () => watch.destroy()
}
