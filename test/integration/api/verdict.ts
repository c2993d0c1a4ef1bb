import { expect } from 'vitest'
import type { Kubectl } from '../../rigs/control-plane/kubectl.ts'
import type { ObjectUnderTest } from '../../unit/api/objects.ts'

/** How people, Argo CD, Flux and Helm hand objects to the API server. */
export const WAYS = [
  { way: 'kubectl apply', args: ['apply'] },
  { way: 'server-side apply', args: ['apply', '--server-side'] },
] as const

export type Way = (typeof WAYS)[number]

/** A line that the API server adds to any refusal by length, enum or required field, for every CRD that has rules. */
const UNCHECKED = /^\* <nil>: Invalid value: null: some validation rules were not checked .*\n?/gm

/** Applies all objects at once; the names of those that were accepted. Objects refused do not stop the others. */
export async function accepted(
  kubectl: Kubectl,
  namespace: string,
  args: readonly string[],
  objects: readonly ObjectUnderTest[],
): Promise<string[]> {
  // No List: kubectl would judge it as a whole, by itself.
  const documents = objects.map((object) => JSON.stringify(object)).join('\n---\n')
  const { stdout } = await kubectl(
    [...args, '-n', namespace, '--validate=strict', '-o', 'name', '-f', '-'],
    documents,
  )
  return stdout.split('\n').flatMap((line) => line.split('/').slice(1))
}

/** What a person reads who applies this one object. */
export async function apiRefusal(
  kubectl: Kubectl,
  namespace: string,
  object: ObjectUnderTest,
): Promise<string> {
  const args = ['apply', '--dry-run=server', '-n', namespace, '-f', '-']
  const { stderr, code } = await kubectl(args, JSON.stringify(object))
  expect(code, `${String(object.metadata['name'])} was to be refused`).toBe(1)
  return stderr.replaceAll(UNCHECKED, '').trim()
}

/** Lines of a refusal that name a field: `spec.field: Kind: message`. */
export function causes(message: string): string[] {
  return message
    .replace(/^The \S+ "\S+" is invalid: /, '')
    .split('\n')
    .map((line) => line.replace(/^\* /, '').trim())
    .filter((line) => line !== '')
}
