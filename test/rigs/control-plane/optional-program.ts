import { execFile } from 'node:child_process'
import { findPrograms } from './binaries.ts'
import type { Program } from './program.ts'

/**
 * Why programs that release archives do not hold cannot be had here; undefined when they can, built if they must be. To
 * be asked before the tests that need them are declared, so that they are skipped with the reason. Only a machine
 * without Go is one where they cannot be had: where Go is, a build that fails rejects.
 */
export const whyMissing = (...programs: readonly Program[]): Promise<string | undefined> =>
  whyWithoutGo(() => findPrograms(programs))

/** Why `build` has failed for want of Go; undefined when it has not. Rejects with its failure where there is Go. */
export async function whyWithoutGo(build: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await build()
    return undefined
  } catch (error) {
    if (await isGoHere()) throw error
    return error instanceof Error ? error.message : String(error)
  }
}

const isGoHere = (): Promise<boolean> =>
  new Promise((resolve) => {
    execFile('go', ['version'], (error) => resolve(error?.code !== 'ENOENT'))
  })
