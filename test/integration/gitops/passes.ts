import type { WatchedObject } from './object-watch.ts'

/** A line of the audit log. */
export interface Pass {
  readonly key: string
  readonly uid: string
  readonly generation: number
  /** Of the object that the pass has looked at. */
  readonly resourceVersion: string
  readonly state: string
  readonly effect: string
  readonly wrote: boolean
}

export function passesIn(log: string): Pass[] {
  return log
    .split('\n')
    .filter((line) => line.includes('"msg":"Pass"'))
    .map((line) => JSON.parse(line) as Pass)
}

/**
 * The object in the state of a pass: as a pass that acts has found it; as one that only says how it stands has left it,
 * unless somebody changed the object in between. Undefined: not among the versions.
 */
export function inStateOf(pass: Pass, versions: readonly WatchedObject[]): WatchedObject | undefined {
  const own = versions.filter(({ metadata }) => metadata.uid === pass.uid)
  const index = own.findIndex(({ metadata }) => metadata.resourceVersion === pass.resourceVersion)
  const found = own[index]
  if (found === undefined || !judges(pass)) return found
  const before = JSON.stringify(found.status)
  const left = own.slice(index + 1).find(({ status }) => JSON.stringify(status) !== before)
  const same =
    left?.metadata.generation === pass.generation &&
    left.metadata.deletionTimestamp === found.metadata.deletionTimestamp
  return same ? left : undefined
}

/** What it has written follows from its state alone. */
export const judges = ({ effect, wrote }: Pass): boolean => effect === 'none' && wrote
