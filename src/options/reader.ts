import type { Flag, FlagWithDefault } from './table.ts'

/** The message is one line for the user who started the process. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Gives each flag its value; throws {@link UsageError} for a text that is not of the flag's kind. */
export interface OptionReader {
  readonly read: <T>(flag: FlagWithDefault<T>) => T
  readonly optional: <T>(flag: Flag<T>) => T | undefined
}

/** `texts` by name of the flag. */
export function createOptionReader(texts: ReadonlyMap<string, string>): OptionReader {
  return {
    read: (flag) => valueOf(flag, texts.get(flag.name) ?? flag.default),
    optional: (flag) => {
      const text = texts.get(flag.name)
      return text === undefined ? undefined : valueOf(flag, text)
    },
  }
}

function valueOf<T>({ name, kind, mayHoldCredential = false }: Flag<T>, text: string): T {
  const read = kind.parse(text)
  if (read !== undefined) return read.value
  const given = mayHoldCredential ? '' : `, not ${JSON.stringify(text)}`
  throw new UsageError(`--${name} must be ${kind.expected}${given}`)
}

/** What `--help` prints: what it is about, and a line for each flag. */
export function optionHelp(about: readonly string[], flags: readonly Flag<unknown>[]): string {
  const width = Math.max(...flags.map(({ name }) => name.length)) + 2
  const lines = flags.map(({ name, meaning, default: value }) => {
    const suffix = value === undefined ? '' : ` (${value})`
    return `  --${name.padEnd(width)}${meaning}${suffix}`
  })
  return [...about, 'Defaults are in brackets.', '', ...lines].join('\n')
}
