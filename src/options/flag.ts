import { z } from 'zod'
import { BOOLEAN, type ValueKind } from './kinds.ts'

/** What is known of a flag besides how its text is read. */
interface FlagFacts {
  /** For people: what the text must be, after "must be". */
  readonly expected: string
  /** Needs no value behind it. */
  readonly isSwitch: boolean
  /** In the words that a user would write. */
  readonly default: string | undefined
  readonly meaning: string
  /** Another variable that counts when neither the flag nor its own variable is set. */
  readonly fallback?: string
  /** Its variable, if set, means something else, or nobody should set it once and for all. */
  readonly onlyOnCommandLine?: boolean
}

type More = Pick<FlagFacts, 'fallback' | 'onlyOnCommandLine'> & {
  /** People take it for the place of a credential, so what is wrong there is not repeated. */
  readonly mayHoldCredential?: boolean
}

const FACTS = z.registry<FlagFacts>()

/** A flag whose value is always known: a member of a schema of options. */
export function flag<T>(kind: ValueKind<T>, value: string, meaning: string, more: More = {}) {
  return withFacts(readAs(kind, more).prefault(value), kind, { default: value, meaning, ...more })
}

export function optionalFlag<T>(kind: ValueKind<T>, meaning: string, more: More = {}) {
  return withFacts(readAs(kind, more).optional(), kind, { default: undefined, meaning, ...more })
}

/** None is an empty list. */
export function listFlag<T>(kind: ValueKind<readonly T[]>, meaning: string) {
  return withFacts(readAs(kind, {}).default([]), kind, { default: undefined, meaning })
}

function readAs<T>({ parse, expected }: ValueKind<T>, { mayHoldCredential = false }: More) {
  return z.string().transform((text, context): T => {
    const read = parse(text)
    if (read !== undefined && 'value' in read) return read.value
    const given = mayHoldCredential ? '' : `, not ${JSON.stringify(text)}`
    context.addIssue(read?.problem ?? `must be ${expected}${given}`)
    return z.NEVER
  })
}

function withFacts<S extends z.ZodType>(
  schema: S,
  kind: ValueKind<unknown>,
  facts: Omit<FlagFacts, 'expected' | 'isSwitch'>,
): S {
  FACTS.add(schema, { ...facts, expected: kind.expected, isSwitch: kind === BOOLEAN })
  return schema
}

export interface Flag extends FlagFacts {
  /** Of the options. */
  readonly property: string
  /** `poll-interval`: the flag is `--poll-interval`, its environment variable `POLL_INTERVAL`. */
  readonly name: string
}

export function flagsOf({ shape }: z.ZodObject): readonly Flag[] {
  return Object.entries(shape).flatMap(([property, schema]) => {
    const facts = FACTS.get(schema)
    return facts === undefined ? [] : [{ ...facts, property, name: nameOf(property) }]
  })
}

const nameOf = (property: string): string =>
  property.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)

export const variableOf = (name: string): string => name.toUpperCase().replaceAll('-', '_')

/** What options must be to each other. */
export interface OptionRule<Options> {
  readonly isMet: (options: Options) => boolean
  readonly otherwise: string
}

/** For `superRefine` of the options. */
export const firstBroken =
  <Options>(rules: readonly OptionRule<Options>[]) =>
  (options: Options, context: z.RefinementCtx): void => {
    const broken = rules.find(({ isMet }) => !isMet(options))
    if (broken !== undefined) context.addIssue(broken.otherwise)
  }
