import { z } from 'zod'

/**
 * zod schema → structural OpenAPI v3 schema, as Kubernetes demands it of a CRD.
 *
 * Guarantees: throws, naming the field, on whatever the API server would refuse or silently not enforce (references,
 * unions of types, look-around, properties beside additionalProperties). A schema that drifted is a build error.
 * Warning: `.refine()` and `.transform()` leave no trace in the output; the CEL rule stands beside them in `.meta()`.
 */

const ANY = z.record(z.string(), z.unknown())
type Schema = z.infer<typeof ANY>

const COPIED = new Set([
  'description',
  'default',
  'enum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'maxProperties',
  'required',
  'x-kubernetes-validations',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
])
const TYPES = new Set(['object', 'array', 'string', 'integer', 'number', 'boolean'])
const LOOK_AROUND = /\(\?<?[=!]/

export function structuralSchema(schema: z.ZodType): Schema {
  const json = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' })
  return structural(ANY.parse(json), '')
}

function structural(schema: Schema, path: string): Schema {
  const { type, properties, items, additionalProperties, ...rest } = schema
  if (typeof type !== 'string' || !TYPES.has(type)) throw notStructural(path, 'it has no single type')
  const result: Schema = { type }
  for (const [keyword, value] of Object.entries(rest)) {
    if (isSafeIntegerBound(type, keyword, value)) continue
    if (!COPIED.has(keyword)) throw notStructural(path, `${keyword} has no place in a CRD`)
    result[keyword] = value
  }
  checkPattern(result, path)
  if (properties !== undefined) result['properties'] = structuralProperties(properties, path)
  if (items !== undefined) result['items'] = structural(ANY.parse(items), `${path}[]`)
  const values = structuralValues(additionalProperties, `${path}[key]`)
  if (values === undefined) return result
  if (properties !== undefined) throw notStructural(path, 'it has properties and additionalProperties')
  return { ...result, additionalProperties: values }
}

function structuralProperties(properties: unknown, path: string): Schema {
  const entries = Object.entries(ANY.parse(properties))
  return Object.fromEntries(
    entries.map(([name, schema]) => [name, structural(ANY.parse(schema), `${path}.${name}`)]),
  )
}

/** `false` only repeats what the API server does anyway: it prunes unknown fields. */
function structuralValues(additionalProperties: unknown, path: string): Schema | undefined {
  if (additionalProperties === undefined || additionalProperties === false) return undefined
  if (additionalProperties === true) throw notStructural(path, 'it takes values of any type')
  return structural(ANY.parse(additionalProperties), path)
}

/** zod's own bounds of every integer, which say nothing about the field. */
function isSafeIntegerBound(type: string, keyword: string, value: unknown): boolean {
  if (type !== 'integer') return false
  return (
    (keyword === 'minimum' && value === Number.MIN_SAFE_INTEGER) ||
    (keyword === 'maximum' && value === Number.MAX_SAFE_INTEGER)
  )
}

function checkPattern({ pattern }: Schema, path: string): void {
  if (typeof pattern === 'string' && LOOK_AROUND.test(pattern)) {
    throw notStructural(path, 'its pattern looks around, which RE2 cannot')
  }
}

function notStructural(path: string, why: string): Error {
  return new Error(`${path === '' ? 'the schema' : path} is not structural: ${why}`)
}
