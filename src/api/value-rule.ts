import type { Rule } from './schema-field.ts'

/**
 * What a value must look like, written once for both places that check it: the API server (literals, as CEL) and
 * the operator (values out of Secrets). Patterns keep to what RE2 and JavaScript read alike: no look-around, no \s, \w, \b.
 */
export type ValueRule = {
  readonly pattern: string
  readonly ignoreCase?: boolean
  /** The value must match the pattern, or must not. */
  readonly is: 'required' | 'refused'
  /** What to write instead. Never quotes the value, which may be a secret. */
  readonly message: string
}

/** The rule for a string field of the CRD. */
export function celRule({ pattern, ignoreCase, is, message }: ValueRule): Rule {
  const literal = JSON.stringify(ignoreCase === true ? `(?i)${pattern}` : pattern)
  return {
    rule: `${is === 'refused' ? '!' : ''}self.matches(${literal})`,
    message,
    reason: 'FieldValueForbidden',
  }
}

/** The message of the first rule that the value breaks; undefined if it is well. */
export function problemOf(value: string, rules: readonly ValueRule[]): string | undefined {
  return rules.find((rule) => breaks(value, rule))?.message
}

function breaks(value: string, { pattern, ignoreCase, is }: ValueRule): boolean {
  const matches = new RegExp(pattern, ignoreCase === true ? 'i' : '').test(value)
  return matches === (is === 'refused')
}
