import { z } from 'zod'
import { STATUS_MAX_LENGTH, type StatusText } from './status-length.ts'

/**
 * Building blocks of the schemas. Each carries two things: what the API server checks when somebody writes
 * (in `meta`, it ends up in the CRD), and what is demanded when the operator reads (the zod type itself).
 * Reading demands less: an object stored under another version of the CRD must not be lost over a length.
 */

/** A CEL rule of the CRD. `Forbidden` and `Required` print no value, which matters where it may be a secret. */
export type Rule = {
  readonly rule: string
  readonly message: string
  readonly fieldPath?: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired'
}

export const RULES = 'x-kubernetes-validations'

/** `maxLength` in code points. */
type TextLimits = { maxLength: number; minLength?: number; rules?: readonly Rule[] }

/** A string of a spec. */
export function text(description: string, { maxLength, minLength, rules }: TextLimits) {
  return z.string().meta({
    description,
    ...(minLength === undefined ? {} : { minLength }),
    maxLength,
    ...(rules === undefined ? {} : { [RULES]: rules }),
  })
}

/** A string of a status. Only its length is limited: a pattern or enum here could refuse the write that records a SID. */
export function statusText(field: StatusText, description: string) {
  return z.string().meta({ description, maxLength: STATUS_MAX_LENGTH[field] })
}

/** Counts, numbers and generations. */
export function integer(description: string) {
  return z.int().meta({ description })
}

/**
 * A union that is told by which of the members is there. The API server and who reads an object say the same sentence.
 */
export function withExactlyOne<S extends z.ZodObject>(
  schema: S,
  members: readonly string[],
  { description, rules = [] }: { readonly description: string; readonly rules?: readonly Rule[] },
) {
  const message = `set exactly one of ${members.slice(0, -1).join(', ')} and ${members.at(-1) ?? ''}`
  const count = members.map((member) => `(has(self.${member}) ? 1 : 0)`).join(' + ')
  const rule: Rule = { rule: `${count} == 1`, message, reason: 'FieldValueRequired' }
  return schema
    .refine(hasExactlyOne(members), { error: message })
    .meta({ description, [RULES]: [rule, ...rules] })
}

function hasExactlyOne(members: readonly string[]): (value: object) => boolean {
  return (value) => {
    const given = new Map<string, unknown>(Object.entries(value))
    return members.filter((member) => given.get(member) !== undefined).length === 1
  }
}
