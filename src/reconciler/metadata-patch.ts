import { CREATE_ATTEMPT_ANNOTATION, FINALIZER } from '../api/group.ts'
import type { Metadata } from '../api/parse.ts'
import { formatAttempt, type CreateAttempt } from '../external/create-attempt.ts'
import type { JsonPatchOperation } from './ports.ts'

/**
 * Patches of metadata. Every one is tied to the object and the version it was decided on, so that a stale view or a
 * second leader fails here; the finalizers of others and all other annotations stay as they are.
 */
export function addFinalizerPatch(
  metadata: Metadata,
  attempt: CreateAttempt | undefined,
): JsonPatchOperation[] {
  const { finalizers } = metadata
  const patch = preconditions(metadata)
  if (!finalizers.includes(FINALIZER)) {
    const list = finalizers.length > 0
    // A list that is not there yet must be added whole.
    patch.push(
      list
        ? { op: 'add', path: '/metadata/finalizers/-', value: FINALIZER }
        : { op: 'add', path: '/metadata/finalizers', value: [FINALIZER] },
    )
  }
  if (attempt !== undefined) patch.push(annotate(metadata, CREATE_ATTEMPT_ANNOTATION, formatAttempt(attempt)))
  return patch
}

/**
 * Takes our own entries out and no others: there are two where somebody has added ours once more. The last goes first, so
 * that the places of the others stay.
 */
export function removeFinalizerPatch(
  metadata: Pick<Metadata, 'uid' | 'resourceVersion' | 'finalizers'>,
): JsonPatchOperation[] {
  const places = [...metadata.finalizers.keys()].filter((place) => metadata.finalizers[place] === FINALIZER)
  const removals = places.reverse().flatMap((place): JsonPatchOperation[] => {
    const path = `/metadata/finalizers/${place}`
    return [
      { op: 'test', path, value: FINALIZER },
      { op: 'remove', path },
    ]
  })
  return [...preconditions(metadata), ...removals]
}

/** Whether an object is still as the preconditions of a patch say: one without them says nothing. */
export function meetsPreconditions(
  operations: readonly JsonPatchOperation[],
  { uid, resourceVersion }: Record<'uid' | 'resourceVersion', string | undefined>,
): boolean {
  const expects = (path: string, value: string | undefined): boolean =>
    operations.some((one) => one.op === 'test' && one.path === path && one.value === value)
  return expects('/metadata/uid', uid) && expects('/metadata/resourceVersion', resourceVersion)
}

export function preconditions({
  uid,
  resourceVersion,
}: Pick<Metadata, 'uid' | 'resourceVersion'>): JsonPatchOperation[] {
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
  ]
}

/** A map that is not there yet must be added whole. */
function annotate({ annotations }: Metadata, name: string, value: string): JsonPatchOperation {
  if (Object.keys(annotations).length === 0)
    return { op: 'add', path: '/metadata/annotations', value: { [name]: value } }
  return {
    op: 'add',
    path: `/metadata/annotations/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    value,
  }
}
