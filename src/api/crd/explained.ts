import { z } from 'zod'
import { RULES, type Rule } from '../schema-field.ts'

/**
 * `kubectl explain` shows of a field its type, its enum and its description, and nothing else of the schema: defaults,
 * limits and rules are written into the description.
 */

const Schema = z.record(z.string(), z.unknown())
type Schema = z.infer<typeof Schema>

const Told = z.object({
  description: z.string().default(''),
  default: z.unknown().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  maxItems: z.number().optional(),
  maxProperties: z.number().optional(),
  [RULES]: z.array(z.object({ message: z.string(), fieldPath: z.string().optional() })).default([]),
})

/** `path` of the field, as `.spec`; `transitionRules`: those at the root of the object. */
export function explained(schema: Schema, path: string, transitionRules: readonly Rule[]): Schema {
  const { properties, items, additionalProperties } = schema
  const below = (child: unknown, name: string): Schema =>
    explained(Schema.parse(child), `${path}${name}`, transitionRules)
  const result: Schema = { ...schema, description: descriptionOf(schema, path, transitionRules) }
  if (properties !== undefined) {
    const fields = Object.entries(Schema.parse(properties))
    result['properties'] = Object.fromEntries(fields.map(([name, child]) => [name, below(child, `.${name}`)]))
  }
  if (items !== undefined) result['items'] = below(items, '[]')
  if (additionalProperties !== undefined)
    result['additionalProperties'] = below(additionalProperties, '[key]')
  return result
}

function descriptionOf(schema: Schema, path: string, transitionRules: readonly Rule[]): string {
  const told = Told.parse(schema)
  const here = transitionRules.filter(({ fieldPath }) => fieldPath === path)
  // A rule with a path of its own is about a field below, whose description says it.
  const rules = [...told[RULES].filter(({ fieldPath }) => fieldPath === undefined), ...here]
  const sentences = [
    ...defaultOf(told),
    ...limit('At least', told.minLength, 'character'),
    ...limit('At most', told.maxLength, 'character'),
    ...limit('At most', told.maxItems ?? told.maxProperties, 'entry'),
    ...rules.map(({ message }) => sentence(message)),
  ]
  return [told.description, ...sentences].filter((text) => text !== '').join(' ')
}

/** Where the field has none in the schema, its description may say what its absence means. */
function defaultOf({ default: value }: z.infer<typeof Told>): string[] {
  if (value === undefined) return []
  return [`Default: ${typeof value === 'string' ? value : JSON.stringify(value)}.`]
}

const PLURALS = { character: 'characters', entry: 'entries' } as const

const limit = (bound: string, count: number | undefined, what: keyof typeof PLURALS): string[] =>
  count === undefined ? [] : [`${bound} ${count} ${count === 1 ? what : PLURALS[what]}.`]

/** Of what cannot change only that: the way out is for who has tried it. */
function sentence(message: string): string {
  const [text = ''] = message.split(/: (?:put|take)/u)
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
