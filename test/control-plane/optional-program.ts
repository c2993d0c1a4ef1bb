import { findPrograms } from './binaries.ts'
import type { Program } from './program.ts'

/**
 * Why programs that release archives do not hold cannot be had here; undefined when they can, built if they must be. To
 * be asked before the tests that need them are declared, so that they are skipped with the reason.
 */
export async function whyMissing(...programs: readonly Program[]): Promise<string | undefined> {
  try {
    await findPrograms(programs)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
