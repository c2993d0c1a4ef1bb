import type { Flag } from './option-table.ts'

/** What `--help` prints: what it is about, and a line for each flag. */
export function optionHelp(about: readonly string[], flags: readonly Flag<unknown>[]): string {
  const width = Math.max(...flags.map(({ name }) => name.length)) + 2
  const lines = flags.map(({ name, meaning, default: value }) => {
    const suffix = value === undefined ? '' : ` (${value})`
    return `  --${name.padEnd(width)}${meaning}${suffix}`
  })
  return [...about, 'Defaults are in brackets.', '', ...lines].join('\n')
}
