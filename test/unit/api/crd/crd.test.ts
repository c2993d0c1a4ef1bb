import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { crdYaml } from '../../../../src/api/crd/crd.ts'
import { SINK_KIND, TWILIO_ACCOUNT_KIND } from '../../../../src/api/crd/custom-resources.ts'
import { STATUS_MAX_LENGTH } from '../../../../src/api/status-length.ts'

const Rule = z.object({ rule: z.string(), message: z.string(), fieldPath: z.string().optional() })
const Schema = z.looseObject({
  type: z.string(),
  description: z.string().optional(),
  maxLength: z.int().optional(),
  maxItems: z.int().optional(),
  maxProperties: z.int().optional(),
  default: z.unknown().optional(),
  'x-kubernetes-validations': z.array(Rule).default([]),
  properties: z.record(z.string(), z.unknown()).default({}),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
})
type Schema = z.infer<typeof Schema>
type Field = { path: string; schema: Schema }

function fieldsOf(value: unknown, path = ''): Field[] {
  if (value === undefined) return []
  const schema = Schema.parse(value)
  return [
    { path, schema },
    ...Object.entries(schema.properties).flatMap(([name, field]) => fieldsOf(field, `${path}.${name}`)),
    ...fieldsOf(schema.items, `${path}[]`),
    ...fieldsOf(schema.additionalProperties, `${path}[key]`),
  ]
}

const Crd = z.object({
  spec: z.object({
    scope: z.string(),
    names: z.object({ categories: z.array(z.string()) }),
    versions: z.tuple([
      z.looseObject({
        subresources: z.object({ status: z.object({}) }),
        schema: z.object({ openAPIV3Schema: z.unknown() }),
        additionalPrinterColumns: z.array(
          z.object({ name: z.string(), jsonPath: z.string(), priority: z.int().default(0) }),
        ),
      }),
    ]),
  }),
})

function committed(plural: string): string {
  return readFileSync(new URL(`../../../../crds/events.twilio.com_${plural}.yaml`, import.meta.url), 'utf8')
}

const KINDS = [SINK_KIND, TWILIO_ACCOUNT_KIND].map((kind) => {
  const crd = Crd.parse(load(crdYaml(kind)))
  const fields = fieldsOf(crd.spec.versions[0].schema.openAPIV3Schema)
  const under = (part: string) => fields.filter(({ path }) => path.startsWith(part))
  return { kind, name: kind.kind, crd, fields, spec: under('.spec'), status: under('.status') }
})

const paths = (fields: Field[]) => fields.map(({ path }) => path)

test.for(KINDS)('crds/ holds what the schema of $name generates', ({ kind }) => {
  expect(committed(kind.plural)).toBe(crdYaml(kind))
})

test.for(KINDS)('$name: every field explains itself to kubectl explain', ({ fields }) => {
  const nameless = fields.filter(({ path, schema }) => !schema.description && !path.endsWith('[key]'))
  expect(paths(nameless)).toEqual(['.metadata'])
})

test.for(KINDS)('$name: kubectl explain says every default, limit and rule of the spec', ({ spec, kind }) => {
  const said = (path: string, text: string) => {
    const { schema } = spec.find((field) => field.path === path) ?? {}
    expect(schema?.description, path).toContain(text)
  }
  /** As the sentence that is made of it begins, without its capital. */
  const inner = (message: string) => message.split(/: (?:put|take)/u)[0]?.slice(1) ?? ''
  for (const { path, schema } of spec) {
    if (schema.default !== undefined) said(path, 'Default: ')
    for (const limit of [schema.maxLength, schema.maxItems, schema.maxProperties])
      if (limit !== undefined) said(path, `At most ${limit} `)
    for (const { message, fieldPath } of schema['x-kubernetes-validations'])
      if (fieldPath === undefined) said(path, inner(message))
  }
  for (const { message, fieldPath = '' } of kind.transitionRules) said(fieldPath, inner(message))
})

test('kubectl explain says which of several fields must be set, and what an absent one means', () => {
  const sink = KINDS.find(({ name }) => name === 'Sink')?.spec ?? []
  const told = (path: string) => sink.find((field) => field.path === path)?.schema.description
  expect(told('.spec')).toContain('Set exactly one of webhook, kinesis and segment.')
  expect(told('.spec.webhook.method')).toBe(
    'HTTP method of the requests. Default: POST. Twilio cannot change method of an existing sink.',
  )
  expect(told('.spec.deletionPolicy')).toContain('Default: Delete.')
})

test('kubectl get shows beside Ready that a Sink is suspended', () => {
  const columns = KINDS.find(({ name }) => name === 'Sink')?.crd.spec.versions[0].additionalPrinterColumns
  expect(columns).toContainEqual({ name: 'Suspended', jsonPath: '.spec.suspend', priority: 0 })
})

test.for(KINDS)(
  '$name: texts and lists of the spec are bounded, which the cost of rules rests on',
  ({ spec }) => {
    const unbounded = spec.filter(
      ({ schema }) =>
        (schema.type === 'string' && schema.maxLength === undefined && schema['enum'] === undefined) ||
        (schema.type === 'array' && schema.maxItems === undefined) ||
        (schema.additionalProperties !== undefined && schema['maxProperties'] === undefined),
    )
    expect(paths(unbounded)).toEqual([])
  },
)

test.for(KINDS)('$name: nothing in status can refuse a write for its content', ({ status }) => {
  const kinds = ['pattern', 'enum', 'format', 'minLength', 'minimum', 'maximum', 'minItems']
  const strict = status.filter(
    ({ schema }) =>
      kinds.some((keyword) => schema[keyword] !== undefined) || schema['x-kubernetes-validations'].length > 0,
  )
  expect(paths(strict)).toEqual([])
})

test.for(KINDS)('$name: every text of status has the length that the writer cuts to', ({ status }) => {
  const texts = status.filter(({ schema }) => schema.type === 'string')
  const lengths = new Set<unknown>(Object.values(STATUS_MAX_LENGTH))
  expect(paths(texts.filter(({ schema }) => !lengths.has(schema.maxLength)))).toEqual([])
})

test.for(KINDS)('$name: status starts as not observed', ({ status }) => {
  expect(status[0]?.schema.default).toEqual({ observedGeneration: -1 })
})

test.for(KINDS)('$name: the root holds transition rules only, each with a field path', ({ fields }) => {
  const rules = fields[0]?.schema['x-kubernetes-validations'] ?? []
  const known = new Set(paths(fields))
  for (const { rule, fieldPath } of rules) {
    expect(rule).toContain('oldSelf')
    expect(known).toContain(fieldPath)
  }
})

test('Twilio cannot change seven members, the type and the account: each has its rule', () => {
  expect(SINK_KIND.transitionRules.map(({ fieldPath }) => fieldPath)).toEqual([
    '.spec',
    '.spec.webhook.destination',
    '.spec.webhook.method',
    '.spec.webhook.batchEvents',
    '.spec.kinesis.arn',
    '.spec.kinesis.roleArn',
    '.spec.kinesis.externalId',
    '.spec.segment.writeKey',
    '.spec.accountRef',
    '.spec.import.sid',
  ])
})

test.for(KINDS)('$name: every rule has a message that fits on a screen', ({ fields }) => {
  const messages = fields.flatMap(({ schema }) => schema['x-kubernetes-validations'].map((r) => r.message))
  expect(messages.length).toBeGreaterThan(0)
  for (const message of messages) {
    expect(message.length).toBeGreaterThan(20)
    expect(message.length).toBeLessThan(260)
    expect(message).not.toContain('\n')
  }
})

const PAGE = readFileSync(new URL('../../../../docs/refusals.md', import.meta.url), 'utf8')

test.for(KINDS)('$name: the API server was seen to refuse by every rule and enum', ({ fields }) => {
  const trials = fields.flatMap(({ path, schema }) => [
    ...schema['x-kubernetes-validations'].map(({ fieldPath = '', message }) => [path + fieldPath, message]),
    ...(schema['enum'] === undefined ? [] : [[path, 'Unsupported value: ']]),
  ])
  const unseen = trials.filter(([path = '', words = '']) => !isOnPage(path.slice(1), words))
  expect(unseen).toEqual([])
})

/** Whether a line names the field and then has these words. */
function isOnPage(path: string, words: string): boolean {
  const field = `${path.replaceAll('[]', '[0]')}: `
  return PAGE.split('\n').some((line) => line.includes(field) && line.includes(words))
}

test.for(KINDS)('$name is namespaced, in the category twilio and not in all', ({ crd }) => {
  expect(crd.spec.scope).toBe('Namespaced')
  expect(crd.spec.names.categories).toEqual(['twilio'])
})

test('the columns of kubectl get are those that people and scripts know', () => {
  const [sink, account] = KINDS.map(({ crd }) => {
    const columns = crd.spec.versions[0].additionalPrinterColumns
    const named = (priority: number) => columns.filter((c) => c.priority === priority).map((c) => c.name)
    return { narrow: named(0), wide: named(1) }
  })
  expect(sink).toEqual({
    narrow: ['Ready', 'Status', 'Type', 'In Use', 'Suspended', 'SID', 'Age'],
    wide: ['Reason', 'Account', 'Message'],
  })
  expect(account?.narrow).toEqual(['Ready', 'Account', 'Sinks', 'Age', 'Reason', 'Held', 'Deletion'])
})
