import type { WatchedObject } from './object-watch.ts'

/** A line of the audit log. */
export interface LoggedReconcile {
  readonly key: string
  readonly uid: string
  readonly generation: number
  /** Of the object that the reconcile has looked at. */
  readonly resourceVersion: string
  readonly state: string
  readonly effect: string
  readonly wrote: boolean
}

export function reconcilesIn(log: string): LoggedReconcile[] {
  return log
    .split('\n')
    .filter((line) => line.includes('"msg":"Reconciled"'))
    .map((line) => JSON.parse(line) as LoggedReconcile)
}

/**
 * The object in the state of a reconcile: as a reconcile that acts has found it; as one that only says how it stands has left it,
 * unless somebody changed the object in between. Undefined: not among the versions.
 */
export function inStateOf(
  one: LoggedReconcile,
  versions: readonly WatchedObject[],
): WatchedObject | undefined {
  const own = versions.filter(({ metadata }) => metadata.uid === one.uid)
  const index = own.findIndex(({ metadata }) => metadata.resourceVersion === one.resourceVersion)
  const found = own[index]
  if (found === undefined || !judges(one)) return found
  const before = JSON.stringify(found.status)
  const left = own.slice(index + 1).find(({ status }) => JSON.stringify(status) !== before)
  const same =
    left?.metadata.generation === one.generation &&
    left.metadata.deletionTimestamp === found.metadata.deletionTimestamp
  return same ? left : undefined
}

/** What it has written follows from its state alone. */
export const judges = ({ effect, wrote }: LoggedReconcile): boolean => effect === 'none' && wrote
