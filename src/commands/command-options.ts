import type { z } from 'zod'
import { UnusableProxy } from '../network/environment-proxy.ts'
import { readOptions, type CommandOptions, type Environment } from '../options/read-options.ts'

/** The message is one line for the person who gave the command: what is wrong, and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

interface Invocation {
  readonly argv: readonly string[]
  readonly environment: Environment
}

/**
 * Reads the options and runs `work`, which resolves with the exit code. A wrong option, or any other error that stops
 * the command, becomes one line on standard error.
 */
export async function runWith<S extends z.ZodObject>(
  command: CommandOptions<S>,
  { argv, environment }: Invocation,
  work: (options: z.infer<S>) => Promise<number>,
): Promise<number> {
  const read = readOptions(command, argv, environment)
  if (read.ok === 'help') {
    process.stdout.write(`${read.text}\n`)
    return 0
  }
  if (!read.ok) return complain(read.problem, 2)
  try {
    return await work(read.options)
  } catch (error) {
    if (error instanceof CommandError || error instanceof UnusableProxy) return complain(error.message, 1)
    throw error
  }
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`twilio-sink-operator: ${message}\n`)
  return exitCode
}
