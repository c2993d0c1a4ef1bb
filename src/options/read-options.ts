import { parseArgs } from 'node:util'
import type { z } from 'zod'
import { flagsOf, variableOf, type Flag } from './flag.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The options of a command. */
export interface CommandOptions<S extends z.ZodObject> {
  /** Heads the help. */
  readonly about: readonly string[]
  /** Its members are flags. */
  readonly schema: S
}

export type OptionsReading<T> =
  | { readonly ok: true; readonly options: T }
  /** One line that names the option and what is wrong with it. */
  | { readonly ok: false; readonly problem: string }
  | { readonly ok: 'help'; readonly text: string }

export function readOptions<S extends z.ZodObject>(
  { about, schema }: CommandOptions<S>,
  argv: readonly string[],
  environment: Environment,
): OptionsReading<z.infer<S>> {
  const flags = flagsOf(schema)
  if (argv.includes('--help') || argv.includes('-h')) return { ok: 'help', text: helpText(about, flags) }
  try {
    const read = schema.safeParse(textsOf(flags, argv, environment))
    return read.success
      ? { ok: true, options: read.data }
      : { ok: false, problem: firstProblem(read.error, flags) }
  } catch (error) {
    if (error instanceof UsageError) return { ok: false, problem: error.message }
    throw error
  }
}

/** The message is one line for the user who started the process. */
class UsageError extends Error {
  override readonly name = 'UsageError'
}

function firstProblem({ issues }: z.ZodError, flags: Flags): string {
  const [{ path, message } = { path: [], message: '' }] = issues
  const flag = flags.find(({ property }) => property === path[0])
  return flag === undefined ? message : `--${flag.name} ${message}`
}

function helpText(about: readonly string[], flags: Flags): string {
  const width = Math.max(...flags.map(({ name }) => name.length)) + 2
  const lines = flags.map(({ name, meaning, default: value }) => {
    const suffix = value === undefined ? '' : ` (${value})`
    return `  --${name.padEnd(width)}${meaning}${suffix}`
  })
  return [...about, 'Defaults are in brackets.', '', ...lines].join('\n')
}

type Flags = readonly Flag[]

/** What the user wrote, by property: the command line goes before the environment; an empty text is none. */
function textsOf(
  flags: Flags,
  argv: readonly string[],
  environment: Environment,
): Readonly<Record<string, string>> {
  const written = [
    ...flags.map((flag) => [flag, environmentText(flag, environment)] as const),
    ...fromCommandLine(flags, argv),
  ]
  return Object.fromEntries(
    written.filter(([, text]) => text !== '').map(([{ property }, text]) => [property, text]),
  )
}

function environmentText(
  { name, fallback = '', onlyOnCommandLine = false }: Flag,
  environment: Environment,
): string {
  if (onlyOnCommandLine) return ''
  const own = environment[variableOf(name)] ?? ''
  return own === '' ? (environment[fallback] ?? '') : own
}

function fromCommandLine(flags: Flags, argv: readonly string[]): (readonly [Flag, string])[] {
  const options = Object.fromEntries(
    flags.map(({ name, isSwitch }) => [name, { type: isSwitch ? 'boolean' : 'string' } as const]),
  )
  // Not strict, since its messages repeat what was given, which may be a secret.
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true })
  let openSwitch: Flag | undefined
  return tokens.map((token): readonly [Flag, string] => {
    const place = { word: argv[token.index] ?? '', position: token.index + 1 }
    const flag = token.kind === 'option' ? flags.find(({ name }) => token.rawName === `--${name}`) : undefined
    const before = openSwitch
    openSwitch = undefined
    if (token.kind === 'positional' && before !== undefined) return [before, switchValue(before, place)]
    if (flag === undefined || token.kind !== 'option') throw new UsageError(unknownOption(flags, place))
    const { value = flag.isSwitch ? 'true' : undefined, inlineValue = false } = token
    if (value === undefined || (!inlineValue && value.startsWith('--')))
      throw new UsageError(`--${flag.name} needs a value: ${flag.expected}`)
    if (flag.isSwitch && !inlineValue) openSwitch = flag
    return [flag, value]
  })
}

interface Place {
  readonly word: string
  /** From 1. */
  readonly position: number
}

/** The word behind a switch, which needs none: `--leader-elect false` means `--leader-elect=false`. */
function switchValue({ name, expected }: Flag, place: Place): string {
  if (place.word === 'true' || place.word === 'false') return place.word
  throw new UsageError(`--${name} must be ${expected}, as in --${name}=false: ${named(place)} is neither`)
}

/** A short plain word is repeated. Any other may be a secret. */
const named = ({ word, position }: Place): string =>
  /^[a-z]{1,8}$/u.test(word) ? `argument ${position}, "${word}",` : `argument ${position}`

/** Repeats what has the form of a flag: what stands behind `=` or a space may be a secret. */
function unknownOption(flags: Flags, place: Place): string {
  const [written = ''] = place.word.split(/[=\s]/u)
  if (!written.startsWith('-'))
    return `${named(place)} is not an option (--help lists them; a command comes before all options)`
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
