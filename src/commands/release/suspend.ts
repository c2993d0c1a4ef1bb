import type { Sink } from '../../api/sink.ts'
import type { LiveObjects } from '../../kubernetes/release-client.ts'
import { KubernetesFailure, type JsonPatchOperation } from '../../reconciler/ports.ts'

/**
 * Stops every operator from acting on the object, before anything else is done: a suspended object changes nothing at
 * Twilio, so nobody puts a mark back, and `Orphan` keeps the sink when the object goes.
 *
 * An object that is being deleted is only suspended for now: with `Orphan` a running operator would remove its finalizer
 * at once, and the record of its sink with it.
 */
export async function suspendAndOrphan(sinks: LiveObjects<Sink>, sink: Sink): Promise<Sink> {
  const leaving = sink.metadata.deletionTimestamp !== undefined
  return isSuspendedAndOrphaned(sink) || (leaving && sink.spec.suspend === true)
    ? sink
    : sinks.patch(sink, [...sameObject(sink), SUSPEND, ...(leaving ? [] : [ORPHAN])])
}

/** The last step before the object goes. */
export const orphan = (sinks: LiveObjects<Sink>, sink: Sink): Promise<Sink> =>
  sink.spec.deletionPolicy === 'Orphan'
    ? Promise.resolve(sink)
    : sinks.patch(sink, [...sameObject(sink), ORPHAN])

export const isSuspendedAndOrphaned = ({ spec }: Sink): boolean =>
  spec.suspend === true && spec.deletionPolicy === 'Orphan'

const SUSPEND: JsonPatchOperation = { op: 'add', path: '/spec/suspend', value: true }
const ORPHAN: JsonPatchOperation = { op: 'add', path: '/spec/deletionPolicy', value: 'Orphan' }
const sameObject = ({ metadata }: Sink): JsonPatchOperation[] => [
  { op: 'test', path: '/metadata/uid', value: metadata.uid },
]

export interface WaitOptions {
  readonly namespace: string
  /** Milliseconds. */
  readonly within: number
  readonly monotonic: () => number
  readonly pause: (ms: number) => Promise<void>
}

const LOOK_INTERVAL = 250

/**
 * Waits until an operator has observed all of them: from then on no earlier reconcile is running. Resolves with how many
 * it has not observed. Without a running operator that is all of them, and so it is when they cannot be listed: the
 * command goes on and must not forget what it has done.
 */
export async function waitObserved(
  sinks: LiveObjects<Sink>,
  waiting: readonly Sink[],
  { namespace, within, monotonic, pause }: WaitOptions,
): Promise<number> {
  const uids = new Set(waiting.map(({ metadata }) => metadata.uid))
  const end = monotonic() + within
  for (;;) {
    const left = await unobserved(sinks, uids, namespace)
    if (left === 0 || monotonic() >= end) return left
    await pause(LOOK_INTERVAL)
  }
}

async function unobserved(
  sinks: LiveObjects<Sink>,
  uids: ReadonlySet<string>,
  namespace: string,
): Promise<number> {
  try {
    const { objects } = await sinks.list(namespace)
    return objects.filter((sink) => uids.has(sink.metadata.uid) && !isObserved(sink)).length
  } catch (error) {
    if (error instanceof KubernetesFailure) return uids.size
    throw error
  }
}

const isObserved = ({ metadata, status }: Sink): boolean => status.observedGeneration >= metadata.generation

/** Works on what is there now, again and again while others write at the same moment. */
export async function retryOnConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      const stale =
        error instanceof KubernetesFailure && (error.kind === 'conflict' || error.kind === 'not-found')
      if (!stale || tries === MOST_TRIES) throw error
    }
  }
}

const MOST_TRIES = 10
