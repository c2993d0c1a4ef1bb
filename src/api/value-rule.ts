import type { Rule } from './schema-field.ts'

/**
 * What a value must look like, written once for both places that check it: the API server (literals, as CEL) and
 * the operator (values out of Secrets). Patterns keep to what RE2 and JavaScript read alike: no look-around, no \s, \w,
 * \b, and no flags: (?i) of RE2 takes U+017F for an s and U+212A for a k.
 */
export type ValueRule = PatternRule | LengthRule

export type PatternRule = {
  readonly pattern: string
  /** The value must match the pattern, or must not. */
  readonly is: 'required' | 'refused'
  /** What to write instead. Never quotes the value, which may be a secret. */
  readonly message: string
}

/** In code points, as `maxLength` of the field: the API server needs no rule for it. Stands before the patterns. */
export type LengthRule = { readonly maxLength: number; readonly message: string }

export const atMost = (maxLength: number): LengthRule => ({
  maxLength,
  message: `must not be longer than ${maxLength} characters`,
})

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

/** The rules for a string field whose `maxLength` is set. */
export const celRules = (rules: readonly ValueRule[]): Rule[] =>
  rules.flatMap((rule) => ('pattern' in rule ? [celRule(rule)] : []))

/** The message of the first rule that the value breaks; undefined if it is well. */
export function problemOf(value: string, rules: readonly ValueRule[]): string | undefined {
  return rules.find((rule) => breaks(value, rule))?.message
}

function breaks(value: string, rule: ValueRule): boolean {
  if ('maxLength' in rule) return isLonger(value, rule.maxLength)
  return new RegExp(rule.pattern, 'u').test(value) === (rule.is === 'refused')
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
