import { optionHelp, createOptionReader, type OptionReader, UsageError } from '../options/reader.ts'
import type { Flag } from '../options/table.ts'
import { optionTexts, type Environment } from '../options/sources.ts'

/** The message is one line for the person who gave the command: what is wrong, and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** One of the commands that people give by hand and that end. */
export interface CommandOptions<T> {
  /** Heads the help. */
  readonly about: readonly string[]
  readonly flags: readonly Flag<unknown>[]
  /** May throw a {@link UsageError}. */
  readonly parse: (reader: OptionReader) => T
}

interface Invocation {
  readonly argv: readonly string[]
  readonly environment: Environment
}

/**
 * Reads the options and runs `work`, which resolves with the exit code. A wrong option, or any other error that stops
 * the command, becomes one line on standard error.
 */
export async function runWith<T>(
  { about, flags, parse }: CommandOptions<T>,
  { argv, environment }: Invocation,
  work: (options: T) => Promise<number>,
): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(`${optionHelp(about, flags)}\n`)
    return 0
  }
  try {
    return await work(parse(createOptionReader(optionTexts(flags, argv, environment))))
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message, 2)
    if (error instanceof CommandError) return complain(error.message, 1)
    throw error
  }
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`twilio-sink-operator: ${message}\n`)
  return exitCode
}
