import { expect, test } from 'vitest'
import { z } from 'zod'
import { structuralSchema } from '../../../../src/api/crd/structural-schema.ts'

const REFUSED: [why: string, schema: z.ZodType][] = [
  ['a union of types', z.union([z.string(), z.boolean()])],
  [
    'a discriminated union',
    z.discriminatedUnion('a', [z.object({ a: z.literal('x') }), z.object({ a: z.literal('y') })]),
  ],
  ['a tuple', z.tuple([z.string(), z.boolean()])],
  ['any value', z.any()],
  ['an object that keeps unknown fields', z.looseObject({ a: z.string() })],
  ['a look-around', z.string().meta({ pattern: '^(?!a)' })],
  ['a bound of a number', z.number().positive()],
  ['null beside a value', z.string().nullable()],
]

test.for(REFUSED)('%s is an error that names the field', ([, schema]) => {
  expect(() => structuralSchema(z.object({ outer: z.object({ inner: schema }) }))).toThrow(/\.outer\.inner/)
})

test('fields with a default are optional, others required, and the bounds of zod for integers are dropped', () => {
  const schema = z.object({ a: z.string().default('x'), b: z.int(), c: z.boolean().optional() })
  expect(structuralSchema(schema)).toEqual({
    type: 'object',
    required: ['b'],
    properties: { a: { type: 'string', default: 'x' }, b: { type: 'integer' }, c: { type: 'boolean' } },
  })
})

test('an object that takes no further fields is the same as any other, since the API server prunes', () => {
  expect(structuralSchema(z.strictObject({}))).toEqual(structuralSchema(z.object({})))
})

test('a record is a map with values of one schema', () => {
  expect(structuralSchema(z.record(z.string(), z.string()))).toEqual({
    type: 'object',
    additionalProperties: { type: 'string' },
  })
})

test('a reference is an error too: its target stands outside the field', () => {
  const named = z.object({ inner: z.string().meta({ id: 'Named' }) })
  expect(() => structuralSchema(named)).toThrow(/not structural/)
})
