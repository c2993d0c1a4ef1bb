import type { ObjectUnderTest } from '../../unit/api/objects.ts'

/** One object that a person might apply; `refused` is how the answer begins: field path and kind of error. */
export type CreateRow = { did: string; object: ObjectUnderTest; refused?: string }

export function createRow(did: string, object: ObjectUnderTest, refused: string | undefined): CreateRow {
  return { did, object, ...(refused === undefined ? {} : { refused }) }
}

/** A name for the object out of what was done with it. */
export function nameOf(did: string): string {
  return did
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '')
}
