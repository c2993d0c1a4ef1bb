/** What is at the API server when all is quiet. */
export interface ObjectSeen {
  readonly name: string
  readonly sid: string | undefined
  readonly ready: boolean
  readonly deleting: boolean
}

/** What is at Twilio. */
export interface SinkSeen {
  readonly sid: string
  /** The name of the object that its description tells of. */
  readonly tellsOf: string | undefined
}

/** A DELETE of the operator that took effect. */
export interface Deletion {
  readonly sid: string
  readonly tellsOf: string | undefined
}

/** What the people of the soak have done. */
export interface Known {
  /** Names whose deletion was asked for. */
  readonly deletionAsked: ReadonlySet<string>
  /** SIDs that no object here was asked to look after. */
  readonly notOurs: ReadonlySet<string>
  /** SIDs that objects were told to orphan. */
  readonly orphaned: ReadonlySet<string>
  /** Names of objects that were told to let their sink go: whatever tells of them may stay. */
  readonly orphanedNames: ReadonlySet<string>
}

export interface SoakFindings {
  readonly duplicates: readonly string[]
  readonly leaks: readonly string[]
  readonly lost: readonly string[]
  readonly wrongDeletions: readonly string[]
}

/** Compares both sides. Knows nothing of marks, statuses and proofs: only names and SIDs. */
export function compare(
  objects: readonly ObjectSeen[],
  sinks: readonly SinkSeen[],
  deletions: readonly Deletion[],
  { deletionAsked, notOurs, orphaned, orphanedNames }: Known,
): SoakFindings {
  const ours = sinks.filter(({ sid }) => !notOurs.has(sid))
  const names = new Set(objects.map(({ name }) => name))
  const of = (name: string) => ours.filter(({ tellsOf }) => tellsOf === name).map(({ sid }) => sid)
  return {
    duplicates: objects
      .filter(({ name }) => of(name).length > 1)
      .map(({ name }) => `${name}: ${of(name).join()}`),
    leaks: ours
      .filter(({ tellsOf }) => tellsOf === undefined || !(names.has(tellsOf) || orphanedNames.has(tellsOf)))
      .map(({ sid, tellsOf }) => `${sid} of ${tellsOf ?? 'nobody'}`),
    lost: objects
      .filter(
        ({ name, sid, ready, deleting }) =>
          deleting || !ready || sid === undefined || !of(name).includes(sid),
      )
      .map(({ name }) => name),
    wrongDeletions: deletions
      .filter(
        ({ sid, tellsOf }) =>
          notOurs.has(sid) || orphaned.has(sid) || (tellsOf !== undefined && !deletionAsked.has(tellsOf)),
      )
      .map(({ sid, tellsOf }) => `${sid} of ${tellsOf ?? 'nobody'}`),
  }
}

export const isClean = (findings: SoakFindings): boolean =>
  Object.values(findings).every((found: readonly string[]) => found.length === 0)
