import type { Sink } from '../../api/sink.ts'
import {
  desiredSink,
  secretsOf,
  type Desired,
  type DesiredSink,
  type Secrets,
} from '../../sink/desired-sink.ts'
import type { ReconcileContext } from '../context.ts'
import { KubernetesFailure, type ClusterReader, type ObjectKey } from '../ports.ts'

/**
 * A settled Sink is compared by what is remembered; a Secret is read for one that may be created or has changed.
 * `asDecided`: with the values that a reconcile under way has decided on.
 */
export async function desiredOf(
  s: ReconcileContext,
  key: ObjectKey,
  sink: Sink,
  { asDecided }: { readonly asDecided: boolean },
): Promise<DesiredSink> {
  if (sink.metadata.deletionTimestamp !== undefined || sink.spec.suspend === true) {
    return desiredSink(sink.spec, NO_SECRETS).sink
  }
  const isRemembered = asDecided || sink.status.sid !== undefined
  const known = isRemembered ? rememberedDesired(s, key, sink) : undefined
  if (known !== undefined && known.problem === undefined) return known
  const { sink: desired } = await readDesired(sink, readingOnce(s.cluster))
  rememberDesired(s, key, sink, desired)
  return desired
}

export function rememberedDesired(
  { names }: ReconcileContext,
  key: ObjectKey,
  { metadata: { uid, generation } }: Sink,
): DesiredSink | undefined {
  const { desired } = names.memoryOf({ key, uid })
  return desired?.generation === generation ? desired.sink : undefined
}

export function rememberDesired(
  { names }: ReconcileContext,
  key: ObjectKey,
  { metadata: { uid, generation } }: Sink,
  desired: DesiredSink,
): void {
  names.memoryOf({ key, uid }).desired = { generation, sink: desired }
}

/** Secrets that are in memory at a time: each may be a megabyte long, and a person may make any number. */
const MOST_SECRETS = 8

export type ReadSecret = (namespace: string, name: string) => Promise<ReadonlyMap<string, string> | undefined>

/** Reads each Secret once, however many Sinks in a row use it. */
export function readingOnce(cluster: Pick<ClusterReader, 'secret'>): ReadSecret {
  const reads = new Map<string, Promise<ReadonlyMap<string, string> | undefined>>()
  return (namespace, name) => {
    const key = `${namespace}/${name}`
    const read = reads.get(key) ?? cluster.secret(namespace, name, 'sinks')
    // To the end, as the one used last.
    reads.delete(key)
    reads.set(key, read)
    const [oldest = key] = reads.keys()
    if (reads.size > MOST_SECRETS) reads.delete(oldest)
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

const NO_SECRETS: Secrets = () => undefined
