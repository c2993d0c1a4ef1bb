import type { Rule } from './schema-field.ts'

/** A union told by which member is there. The same sentence for the API server and for reading. */

export function exactlyOneMessage(members: readonly string[]): string {
  return `set exactly one of ${members.slice(0, -1).join(', ')} and ${members.at(-1) ?? ''}`
}

export function exactlyOneRule(members: readonly string[]): Rule {
  const count = members.map((member) => `(has(self.${member}) ? 1 : 0)`).join(' + ')
  return { rule: `${count} == 1`, message: exactlyOneMessage(members), reason: 'FieldValueRequired' }
}

/** For `.refine` of the same object. */
export function hasExactlyOne(members: readonly string[]): (value: object) => boolean {
  return (value) => {
    const given = new Map<string, unknown>(Object.entries(value))
    return members.filter((member) => given.get(member) !== undefined).length === 1
  }
}
