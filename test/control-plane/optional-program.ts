import { findPrograms } from './binaries.ts'
import type { Program } from './program.ts'

/**
 * Why a program that release archives do not hold cannot be had here; undefined when it can, built if it must be. To be
 * asked before the tests that need it are declared, so that they are skipped with the reason.
 */
export async function whyMissing(program: Program): Promise<string | undefined> {
  try {
    await findPrograms([program])
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
