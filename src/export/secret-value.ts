import { fingerprints } from '../sink/external-sink.ts'
import { problemOf, type ValueRule } from '../api/value-rule.ts'

/** The one value of a configuration that may come from a Secret, and what is to be said about it. */
export interface SecretValue {
  /** Undefined: Twilio does not show it, so a person must put it into the Secret. */
  readonly value: string | undefined
  readonly remark: string | undefined
}

/** What Twilio does not show whole is no value: it answers nothing, or asterisks. */
export function shownValue(member: string, value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return fingerprints({ [member]: value })[member] === null ? undefined : value
}

/** `what` in the words of a Sink, such as `write key`. */
export function secretValue(
  what: string,
  value: string | undefined,
  { rules, place }: { readonly rules: readonly ValueRule[]; readonly place: string },
): SecretValue {
  if (value === undefined) {
    const remark = `Twilio does not show the ${what}: put it under ${place}; until then it is not compared`
    return { value, remark }
  }
  const problem = problemOf(value, rules)
  return { value, remark: problem === undefined ? undefined : `about the ${what}: ${problem}` }
}
