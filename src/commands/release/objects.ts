import type { Metadata } from '../../api/parse.ts'
import type { Sink } from '../../api/sink.ts'
import type { LiveObjects } from '../../kubernetes/release-client.ts'
import { KubernetesFailure, type JsonPatchOperation } from '../../reconciler/ports.ts'

const SUSPEND: JsonPatchOperation = { op: 'add', path: '/spec/suspend', value: true }
const ORPHAN: JsonPatchOperation = { op: 'add', path: '/spec/deletionPolicy', value: 'Orphan' }

/**
 * Stops every operator from acting on the object, before anything else is done: a suspended object changes nothing at
 * Twilio, so nobody puts a mark back, and `Orphan` keeps the sink when the object goes.
 *
 * An object that is being deleted is only suspended for now: with `Orphan` a running operator would remove its finalizer
 * at once, and the record of its sink with it.
 */
export const suspendAndOrphan = (sinks: LiveObjects<Sink>, sink: Sink): Promise<Sink> =>
  retryOnConflict(() => patchSpec(sinks, sink, sink.metadata.deletionTimestamp === undefined))

async function patchSpec(sinks: LiveObjects<Sink>, sink: Sink, orphan: boolean): Promise<Sink> {
  const { metadata, spec } = sink
  const missing = [
    ...(spec.suspend === true ? [] : [SUSPEND]),
    ...(orphan && spec.deletionPolicy !== 'Orphan' ? [ORPHAN] : []),
  ]
  const isSame: JsonPatchOperation = { op: 'test', path: '/metadata/uid', value: metadata.uid }
  return missing.length === 0 ? sink : sinks.patch(sink, [isSame, ...missing])
}

/** Resolves with what is still there of it: it waits for the finalizers of others. */
export const removeSink = (sinks: LiveObjects<Sink>, sink: Sink): Promise<Sink | undefined> =>
  removeObject(sinks, sink, (present) => patchSpec(sinks, present, true))

/** `prepare`: the last step before the object goes. */
export function removeObject<T extends { readonly metadata: Metadata }>(
  objects: LiveObjects<T>,
  object: T,
  prepare: (present: T) => Promise<T> = (present) => Promise.resolve(present),
): Promise<T | undefined> {
  return retryOnConflict(async () => {
    const present = await objects.read(object)
    return present && objects.remove(await prepare(present))
  })
}

const MOST_TRIES = 10

/** Works on what is there now, again and again while others write at the same moment. */
async function retryOnConflict<T>(work: () => Promise<T>): Promise<T> {
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
