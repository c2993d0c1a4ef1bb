import { type Rule, text } from './schema-field.ts'

/**
 * What a value must look like, written once for both places that check it: the API server (literals, as CEL) and
 * the operator (values out of Secrets). Patterns keep to what RE2 and JavaScript read alike: no look-around, no \s, \w,
 * \b, and no flags: (?i) of RE2 takes U+017F for an s and U+212A for a k.
 */
export type ValueFormat = {
  /** In code points. */
  readonly maxLength: number
  readonly patterns: readonly PatternRule[]
  /** What is often wrong with a value that breaks a rule: told where nobody sees the value (`causeOf`). */
  readonly causes?: readonly Pick<PatternRule, 'pattern' | 'message'>[]
}

export type PatternRule = {
  readonly pattern: string
  /** The value must match the pattern, or must not. */
  readonly is: 'required' | 'refused'
  /** What to write instead. Never quotes the value, which may be a secret. */
  readonly message: string
}

/** A string of a spec that has the format. */
export const formatted = (description: string, { maxLength, patterns }: ValueFormat) =>
  text(description, { maxLength, rules: patterns.map(celRule) })

/** The rule for a string field of the CRD. */
export function celRule({ pattern, is, message }: PatternRule): Rule {
  return {
    rule: `${is === 'refused' ? '!' : ''}self.matches(${celText(pattern)})`,
    message,
    reason: 'FieldValueForbidden',
  }
}

/** A text of CEL in ASCII alone, so that the files of the CRDs show what is in it. */
const celText = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[^ -~]/gu,
    (character) => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
  )

/** What to write instead of the value, by the first rule that it breaks; undefined if it has the format. */
export function problemOf(value: string, { maxLength, patterns }: ValueFormat): string | undefined {
  if (isLonger(value, maxLength)) return `must not be longer than ${maxLength} characters`
  return patterns.find(({ pattern, is }) => new RegExp(pattern, 'u').test(value) === (is === 'refused'))
    ?.message
}

const PADDED =
  'must not begin or end with blanks or a line break: write it without, for example with printf instead of echo'

/**
 * As `problemOf`, for a value out of a Secret, which nobody may see: where it can be told, what is wrong with this one
 * instead of the whole rule.
 */
export function causeOf(value: string, format: ValueFormat): string | undefined {
  const problem = problemOf(value, format)
  if (problem === undefined || isLonger(value, format.maxLength)) return problem
  const trimmed = value.trim()
  if (trimmed !== value && trimmed !== '' && problemOf(trimmed, format) === undefined) return PADDED
  const cause = format.causes?.find(({ pattern }) => new RegExp(pattern, 'u').test(trimmed))
  return cause?.message ?? problem
}

/** A code point is at most two units: what is twice too long need not be counted. */
const isLonger = (value: string, max: number): boolean =>
  value.length > max && (value.length > 2 * max || [...value].length > max)

/** Inside a character class: what nobody sees, or what turns the direction of what stands behind it. */
export const INVISIBLE =
  '\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}'

/** A pattern for the word in either case, in ASCII alone. */
export const anyCase = (word: string): string =>
  word.replaceAll(/[a-z]/gu, (letter) => `[${letter}${letter.toUpperCase()}]`)
