import type { Flag, FlagWithDefault } from './option-table.ts'
import { UsageError } from './usage-error.ts'

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
