import type { Sink } from '../../api/sink.ts'
import {
  desiredSink,
  secretsOf,
  type Desired,
  type DesiredSink,
  type Secrets,
} from '../../sink/desired-sink.ts'
import { KubernetesFailure, type ClusterReader, type ObjectKey } from '../ports.ts'

/**
 * What Sinks want, their values from Secrets as digests: a settled Sink is compared at each change without reading its
 * Secret again. The values themselves are read for a create alone, and never kept.
 */
export interface DesiredCache {
  get(sink: Sink, key: ObjectKey): DesiredSink | undefined
  set(sink: Sink, key: ObjectKey, desired: DesiredSink): void
  forget(key: ObjectKey): void
}

export function createDesiredCache(): DesiredCache {
  const known = new Map<
    ObjectKey,
    { readonly uid: string; readonly generation: number; readonly desired: DesiredSink }
  >()
  return {
    get: ({ metadata }, key) => {
      const entry = known.get(key)
      const same = entry?.uid === metadata.uid && entry.generation === metadata.generation
      return same ? entry.desired : undefined
    },
    set: ({ metadata: { uid, generation } }, key, desired) => {
      known.set(key, { uid, generation, desired })
    },
    forget: (key) => {
      known.delete(key)
    },
  }
}

/** Reads each Secret at most once, however many Sinks of the namespace use it. */
export type ReadSecret = (namespace: string, name: string) => Promise<ReadonlyMap<string, string> | undefined>

export function readingOnce(cluster: ClusterReader): ReadSecret {
  const reads = new Map<string, Promise<ReadonlyMap<string, string> | undefined>>()
  return (namespace, name) => {
    const key = `${namespace}/${name}`
    const read = reads.get(key) ?? cluster.secret(namespace, name, 'sinks')
    reads.set(key, read)
    return read
  }
}

/**
 * With the values as they are now. A Secret that may not be read is a problem of the Sink; an outage is a failed reconcile.
 */
export async function readDesired({ metadata, spec }: Sink, readSecret: ReadSecret): Promise<Desired> {
  const values = new Map<string, ReadonlyMap<string, string> | undefined>()
  for (const name of secretsOf(spec)) {
    try {
      values.set(name, await readSecret(metadata.namespace, name))
    } catch (error) {
      if (!(error instanceof KubernetesFailure) || error.kind !== 'forbidden') throw error
      const { sink, configuration } = desiredSink(spec, NO_SECRETS)
      return { configuration, sink: { ...sink, problem: { kind: 'missing', message: error.message } } }
    }
  }
  return desiredSink(spec, (name) => values.get(name))
}

export const NO_SECRETS: Secrets = () => undefined
