import { readdirSync, readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import { z } from 'zod'
import type { Kind } from '../src/api/crd/crd.ts'
import { SINK_KIND, TWILIO_ACCOUNT_KIND } from '../src/api/crd/custom-resources.ts'
import { structuralSchema } from '../src/api/crd/structural-schema.ts'
import { withGeneratedPart } from './generated-part.ts'
import { markdownTable } from './markdown-table.ts'

/** What the page says of a structural schema. */
const Schema = z.object({
  type: z.string(),
  description: z.string().default(''),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  required: z.array(z.string()).default([]),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  maxItems: z.number().optional(),
  maxProperties: z.number().optional(),
  'x-kubernetes-validations': z
    .array(z.object({ message: z.string(), fieldPath: z.string().optional() }))
    .default([]),
  get properties(): z.ZodOptional<z.ZodRecord<z.ZodString, typeof Schema>> {
    return z.record(z.string(), Schema).optional()
  },
  get items(): z.ZodOptional<typeof Schema> {
    return Schema.optional()
  },
  get additionalProperties(): z.ZodOptional<typeof Schema> {
    return Schema.optional()
  },
})
type Schema = z.infer<typeof Schema>

interface Field {
  /** Names from the object on; that of a list ends with `[]`. */
  readonly path: readonly string[]
  readonly schema: Schema
  readonly required: boolean
}

const SAMPLES = 'docs/samples'
const ANY = z.record(z.string(), z.unknown())

/** docs/kinds.md: its objects are written by hand, its tables follow from the schemas; examples are out of the objects. */
export function kindsPage(present: string): string {
  const samples = readdirSync(SAMPLES)
    .sort()
    .map((name) => readFileSync(`${SAMPLES}/${name}`, 'utf8'))
  const objects = [...blocksOf(present), ...samples]
    .flatMap((text) => loadAll(text))
    .map((one) => ANY.parse(one))
  return [SINK_KIND, TWILIO_ACCOUNT_KIND].reduce((page, kind) => {
    const marks = {
      begin: `<!-- fields of ${kind.kind}: written by \`npm run generate\` -->`,
      end: `<!-- end of the fields of ${kind.kind} -->`,
    }
    const ofKind = objects.filter((object) => object['kind'] === kind.kind)
    return withGeneratedPart(page, marks, `${specTable(kind, ofKind)}\n\n${statusTable(kind)}`)
  }, present)
}

const blocksOf = (page: string): string[] =>
  [...page.matchAll(/^```yaml\n([^]*?)^```$/gmu)].map(([, text = '']) => text)

function specTable(kind: Kind, objects: readonly unknown[]): string {
  const fields = fieldsOf('spec', kind.spec)
  const rows = fields.map((field) => [
    nameOf(field),
    typeOf(field.schema),
    field.schema.default === undefined ? '' : code(field.schema.default),
    plain(field.schema.description),
    [...rulesOf(field), ...rulesElsewhere(field, fields, kind)].map(plain).join('<br>'),
    exampleOf(field, objects),
  ])
  return markdownTable(['field', 'type', 'default', 'meaning', 'rule', 'example'], rows)
}

function statusTable(kind: Kind): string {
  const rows = fieldsOf('status', kind.status).map((field) => [
    nameOf(field),
    typeOf(field.schema),
    plain(field.schema.description),
  ])
  return markdownTable(['field', 'type', 'meaning'], rows)
}

/** The field itself and all below it. */
function fieldsOf(name: string, type: z.ZodType): Field[] {
  const schema = Schema.parse(structuralSchema(type))
  return [{ path: [name], schema, required: name === 'spec' }, ...fieldsBelow([name], schema)]
}

function fieldsBelow(path: readonly string[], schema: Schema): Field[] {
  const { properties = {}, required } = schema.items ?? schema
  return Object.entries(properties).flatMap(([name, child]) => {
    const field = { path: [...path, name], schema: child, required: required.includes(name) }
    const inList = child.items === undefined ? field.path : [...path, `${name}[]`]
    return [field, ...fieldsBelow(inList, child)]
  })
}

const nameOf = ({ path }: Field): string => code(path.join('.'))

function typeOf(schema: Schema): string {
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`
  if (schema.additionalProperties !== undefined) return `map of ${typeOf(schema.additionalProperties)}`
  return schema.enum === undefined ? schema.type : schema.enum.map(code).join(', ')
}

function rulesOf({ schema, required }: Field): string[] {
  const inner = schema.items ?? schema.additionalProperties
  const messages = [schema, ...(inner === undefined ? [] : [inner])].flatMap(
    (one) => one['x-kubernetes-validations'],
  )
  return [
    ...(required ? ['required'] : []),
    ...(schema.minLength === undefined ? [] : [`at least ${schema.minLength} characters`]),
    ...atMost(schema.maxLength, 'characters'),
    ...atMost(schema.maxItems ?? schema.maxProperties, 'entries'),
    ...atMost(inner?.maxLength, 'characters in each'),
    ...messages.filter(({ fieldPath }) => fieldPath === undefined).map(({ message }) => message),
  ]
}

const atMost = (limit: number | undefined, what: string): string[] =>
  limit === undefined ? [] : [`at most ${limit} ${what}`]

/** Rules that stand further up in the schema and name this field. Of what cannot change only that, not the way out. */
function rulesElsewhere({ path }: Field, [spec]: readonly Field[], kind: Kind): string[] {
  const here = `.${path.join('.')}`
  const inSpec = spec?.schema['x-kubernetes-validations'] ?? []
  return [
    ...inSpec.filter(({ fieldPath = '' }) => `.spec${fieldPath}` === here && fieldPath !== ''),
    ...kind.transitionRules.filter(({ fieldPath }) => fieldPath === here),
  ].map(({ message }) => message.split(/: (?:put|take)/u)[0] ?? '')
}

/** Throws when no object has the field: then people have nothing to copy. */
function exampleOf({ path, schema }: Field, objects: readonly unknown[]): string {
  if ((schema.items ?? schema).properties !== undefined) return ''
  const found = objects.map((object) => path.reduce(memberOf, object)).find((value) => value !== undefined)
  if (found === undefined) throw new Error(`docs/kinds.md has no example of ${path.join('.')}`)
  return code(found)
}

function memberOf(value: unknown, name: string): unknown {
  const member = ANY.safeParse(value).data?.[name.replace('[]', '')]
  return name.endsWith('[]') && Array.isArray(member) ? member[0] : member
}

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``

/** Words that are no Markdown. */
const plain = (text: string): string => text.replaceAll(/[_*<>[\]]/gu, String.raw`\$&`)
