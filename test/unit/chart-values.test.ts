import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { chartValues } from '../../tools/chart-values.ts'

describe('the table of values', () => {
  test('has each value with its default and its comment', () => {
    const yaml = `image:
  # -- Where it is.
  repository: ''
# -- Requests and limits.
resources:
  requests:
    cpu: 50m
# -- A switch.
enabled: true
`
    expect(chartValues(yaml)).toEqual([
      { path: 'image.repository', default: '""', description: 'Where it is.' },
      { path: 'resources', default: '{"requests":{"cpu":"50m"}}', description: 'Requests and limits.' },
      { path: 'enabled', default: 'true', description: 'A switch.' },
    ])
  })

  test.for(['a: 1\n', 'a:\n  # -- One.\n  b: 1\n  c: 2\n', '# -- One.\na: 1\nb:\n  c: 2\n'])(
    '%j is refused, since a value without a comment would be missing in the README',
    (yaml) => {
      expect(() => chartValues(yaml)).toThrow('has no comment')
    },
  )
})

describe('the schema of the values', () => {
  const CHART = new URL('../../charts/twilio-sink-operator/', import.meta.url)
  const read = (file: string): string => readFileSync(new URL(file, CHART), 'utf8')

  /** Paths of what has no properties of its own. */
  function pathsOf(schema: unknown, path: readonly string[] = []): string[] {
    const { properties } = z
      .looseObject({ properties: z.record(z.string(), z.unknown()).optional() })
      .parse(schema)
    if (properties === undefined) return [path.join('.')]
    return Object.entries(properties).flatMap(([name, inner]) => pathsOf(inner, [...path, name]))
  }

  test('knows the values that there are and no others', () => {
    const described = chartValues(read('values.yaml')).map(({ path }) => path)
    const known = pathsOf(JSON.parse(read('values.schema.json')))
    expect(known.sort()).toEqual(described.sort())
  })

  test('is closed wherever it names properties, but for the globals of a parent chart', () => {
    const Schema = z.looseObject({
      properties: z.record(z.string(), z.unknown()).optional(),
      additionalProperties: z.unknown().optional(),
      $defs: z.record(z.string(), z.unknown()).optional(),
    })
    const openIn = (schema: unknown, path: string): string[] => {
      const { properties, additionalProperties, $defs = {} } = Schema.parse(schema)
      const inner = Object.entries({ ...$defs, ...properties })
      return [
        ...(properties === undefined || additionalProperties === false ? [] : [path]),
        ...inner.flatMap(([name, part]) => openIn(part, `${path}.${name}`)),
      ]
    }
    expect(openIn(JSON.parse(read('values.schema.json')), 'values')).toEqual(['values.global'])
  })
})
