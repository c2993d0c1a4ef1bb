import { variableOf, type Flag } from './table.ts'
import { BOOLEAN } from './kinds.ts'
import { UsageError } from './reader.ts'

export type Environment = Readonly<Record<string, string | undefined>>

type Flags = readonly Flag<unknown>[]

/** What the user wrote, by name of the flag: the command line goes before the environment; an empty text is none. */
export function optionTexts(
  flags: Flags,
  argv: readonly string[],
  environment: Environment,
): ReadonlyMap<string, string> {
  const written = [...fromEnvironment(flags, environment), ...fromCommandLine(flags, argv)]
  return new Map(written.filter(([, text]) => text !== ''))
}

function fromEnvironment(flags: Flags, environment: Environment): [string, string][] {
  return flags.map((flag) => [flag.name, environmentText(flag, environment)])
}

function environmentText(
  { name, fallback = '', onlyOnCommandLine = false }: Flag<unknown>,
  environment: Environment,
): string {
  if (onlyOnCommandLine) return ''
  const own = environment[variableOf(name)] ?? ''
  return own === '' ? (environment[fallback] ?? '') : own
}

function* fromCommandLine(flags: Flags, argv: readonly string[]): Iterable<[string, string]> {
  const words = argv.entries()
  for (const [at, word] of words) {
    const [, name = '', inline] = /^--([^=]+)(?:=(.*))?$/su.exec(word) ?? []
    const flag = flags.find((known) => known.name === name)
    if (flag === undefined) throw new UsageError(unknownOption(flags, word, at + 1))
    if (inline !== undefined) yield [name, inline]
    else if (flag.kind === BOOLEAN) yield [name, 'true']
    else yield [name, valueAfter(flag, words.next().value?.[1])]
  }
}

function valueAfter({ name, kind }: Flag<unknown>, next: string | undefined): string {
  if (next === undefined || next.startsWith('--'))
    throw new UsageError(`--${name} needs a value: ${kind.expected}`)
  return next
}

/** Repeats only what has the form of a flag: a word without dashes, or behind `=` or a space, may be a secret. */
function unknownOption(flags: Flags, word: string, position: number): string {
  const [written = ''] = word.split(/[=\s]/u)
  if (!written.startsWith('-')) return `argument ${position} is not an option (--help lists them)`
  if (flags.some(({ name }) => written === `--${name}`))
    return `${written} and its value must be two arguments, or one with = between them`
  const near = nearestName(flags, written.replace(/^-+/u, ''))
  const hint = near === undefined ? '' : `; do you mean --${near}?`
  return `${JSON.stringify(written)} is not an option${hint} (--help lists them)`
}

/** How alike two names must be to suggest one for the other; in [0, 1]. */
const ALIKE = 0.4

function nearestName(flags: Flags, name: string): string | undefined {
  const [best] = flags
    .map((flag) => ({ name: flag.name, likeness: likeness(flag.name, name) }))
    .sort((a, b) => b.likeness - a.likeness)
  return best !== undefined && best.likeness >= ALIKE ? best.name : undefined
}

/** Dice's coefficient over pairs of letters. */
function likeness(a: string, b: string): number {
  const [left, right] = [letterPairs(a), letterPairs(b)]
  const shared = [...left].filter((pair) => right.has(pair)).length
  return shared === 0 ? 0 : (2 * shared) / (left.size + right.size)
}

function letterPairs(text: string): Set<string> {
  return new Set(Array.from(text.slice(1), (letter, at) => text.charAt(at) + letter))
}
