import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { expect, it } from 'vitest'
import { CONDITION_PAGES } from '../../tools/conditions-page.ts'

/**
 * The names that people write into manifests, dashboards, alerts and scripts. None of them changes by the way: one that
 * goes or comes is edited in `public-names.json` as well, and told in CHANGELOG.md.
 */

const ROOT = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const filesOf = (pattern: string): string[] => globSync(pattern, { cwd: ROOT }).sort()
const unique = (names: Iterable<string>): string[] => [...new Set(names)].sort()
const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([whole, name]) => name ?? whole)

type Schema = { readonly properties?: Record<string, Schema>; readonly items?: Schema }

const fieldsOf = ({ properties = {}, items }: Schema, path: string): string[] => [
  ...(items === undefined ? [] : fieldsOf(items, `${path}[]`)),
  ...Object.entries(properties).flatMap(([name, schema]) => {
    const field = path === '' ? name : `${path}.${name}`
    return [field, ...fieldsOf(schema, field)]
  }),
]

/** Of both kinds, with printer columns and short names. */
function fieldsAndColumns(): string[] {
  return filesOf('crds/*.yaml').flatMap((file) => {
    const { spec } = load(read(file)) as {
      spec: {
        names: { kind: string; shortNames?: string[]; categories?: string[] }
        versions: {
          name: string
          schema: { openAPIV3Schema: Schema }
          additionalPrinterColumns?: { name: string }[]
        }[]
      }
    }
    const { kind, shortNames = [], categories = [] } = spec.names
    const names = [
      ...shortNames.map((name) => `short ${name}`),
      ...categories.map((name) => `category ${name}`),
    ]
    const versions = spec.versions.flatMap(({ name, schema, additionalPrinterColumns: columns = [] }) => [
      ...columns.map((column) => `${name} column ${column.name}`),
      ...fieldsOf(schema.openAPIV3Schema, '').map((field) => `${name} ${field}`),
    ])
    return [...names, ...versions].map((name) => `${kind} ${name}`)
  })
}

const keysOf = (value: unknown, path = ''): string[] =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? [path]
    : [
        path,
        ...Object.entries(value).flatMap(([key, inner]) =>
          keysOf(inner, path === '' ? key : `${path}.${key}`),
        ),
      ]

const firstColumn = (page: string, pattern: RegExp): string[] => matches(read(page), pattern)

const NAMES: Readonly<Record<string, () => string[]>> = {
  fields: fieldsAndColumns,
  conditions: () =>
    Object.entries(CONDITION_PAGES).flatMap(([kind, page]) =>
      matches(read(page), /^## (\w+: \w+)$/gmu).map((name) => `${kind}-${name.replace(': ', '-')}`),
    ),
  events: () => firstColumn('docs/events.md', /^\| ([A-Z]\w+) \|/gmu),
  metrics: () => firstColumn('docs/metrics.md', /^\| (`\w+` \| \w+ \| [^|]*) \|/gmu),
  flags: () => firstColumn('docs/options.md', /^\| `(--[\w-]+)`/gmu),
  variables: () => firstColumn('docs/options.md', /^\| `--[\w-]+` \| `(\w+)`/gmu),
  annotations: () =>
    filesOf('src/**/*.ts').flatMap((file) => matches(read(file), /events\.twilio\.com\/[a-z-]+/gu)),
  'chart values': () =>
    keysOf(load(read('charts/twilio-sink-operator/values.yaml'))).filter((key) => key !== ''),
}

const EXPECTED = JSON.parse(read('test/unit/public-names.json')) as Record<string, string[]>

it.each(Object.entries(NAMES))('%s have the names that people know', (kind, names) => {
  expect(unique(names())).toEqual(EXPECTED[kind])
  expect(EXPECTED[kind]?.length).toBeGreaterThan(4)
})
