import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The whole build on a busy machine, milliseconds. */
const WITHIN_MS = 300_000
const exec = promisify(execFile)

/** Resolves with standard output; rejects with the command and all that it wrote. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await exec(program, args, { timeout: WITHIN_MS, maxBuffer: 64 * 1024 * 1024 })
    return stdout.trim()
  } catch (error) {
    // The message has standard error; linters and builds say on standard output what is wrong.
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${message}\n${output}`, { cause: error })
  }
}
