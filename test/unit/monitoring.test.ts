import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { alerts } from '../../tools/alerts.ts'

/** Alerts, dashboard and kube-state-metrics name metrics, fields and headings. What is not there never fires and shows nothing. */

const ROOT = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

const METRICS_PAGE = read('docs/metrics.md')
const TABLE = new Map(
  [...METRICS_PAGE.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \|/gmu)].map(
    ([, name = '', type, labels = '']) => [
      name,
      { type, labels: [...labels.matchAll(/`(\w+)`/gu)].map(([, label = '']) => label) },
    ],
  ),
)
const MENTIONED = new Set(
  [...METRICS_PAGE.matchAll(/`((?:process|nodejs)_\w+)`/gu)].map(([, name = '']) => name),
)

/** Of the target, whatever the metric. */
const TARGET_LABELS = ['job', 'instance', 'namespace']
const WORDS = ['and', 'or', 'unless', 'by', 'on']

interface Names {
  readonly metrics: readonly string[]
  readonly labels: readonly string[]
}

/** The metrics and labels that a query of Prometheus names. */
function namesIn(expr: string): Names {
  const bare = expr.replaceAll(/"[^"]*"/gu, '""').replaceAll(/\[[^\]]*\]/gu, '')
  const lists = [...bare.matchAll(/\{([^}]*)\}|\b(?:by|on) \(([^)]*)\)/gu)]
  const labels = lists.flatMap(([, matchers, list]) =>
    (matchers ?? list ?? '').split(',').map((part) => /\w+/u.exec(part)?.[0] ?? part),
  )
  const rest = bare.replaceAll(/\{[^}]*\}/gu, ' ').replaceAll(/\b(?:by|on) \([^)]*\)/gu, ' ')
  const metrics = [...rest.matchAll(/(?<![\w.])[a-z_]\w*(?!\w|\s*\()/gu)].map(([word]) => word)
  return { metrics: metrics.filter((word) => !WORDS.includes(word)), labels }
}

/** Names that docs/metrics.md does not have. */
function unknownIn(expr: string): string[] {
  const { metrics, labels } = namesIn(expr)
  const found = metrics.map((name) => {
    const histogram = name.replace(/_(?:bucket|sum|count)$/u, '')
    const described =
      TABLE.get(name) ?? (TABLE.get(histogram)?.type === 'histogram' ? TABLE.get(histogram) : undefined)
    if (described !== undefined) return described.labels
    return MENTIONED.has(name) ? [] : undefined
  })
  const known = [...found.flatMap((of) => of ?? []), ...TARGET_LABELS, 'le']
  return [
    ...metrics.filter((_, index) => found[index] === undefined),
    ...labels.filter((label) => !known.includes(label)),
  ]
}

test('a name that is not there would be noticed, in every place of a query', () => {
  expect(namesIn('sum by (a) (rate(b_total{c="d e",f=~"g"}[5m])) / 2 > h and on (i) j').metrics).toEqual([
    'b_total',
    'h',
    'j',
  ])
  expect(namesIn('sum by (a, k) (rate(b_total{c="d e",f=~"g"}[5m])) and on (i) j').labels).toEqual([
    'a',
    'k',
    'c',
    'f',
    'i',
  ])
  expect(unknownIn('sum by (kind) (twilio_sink_objekts{ready="True"})')).toEqual([
    'twilio_sink_objekts',
    'kind',
    'ready',
  ])
  expect(unknownIn('twilio_sink_objects_bucket')).toEqual(['twilio_sink_objects_bucket'])
  expect(
    unknownIn('sum by (le) (controller_runtime_reconcile_time_seconds_bucket{controller="sink"})'),
  ).toEqual([])
})

describe('the alerts', () => {
  const PAGE = read('docs/monitoring.md')
  const RULES = alerts().map(({ rule }) => rule)
  const sectionOf = (heading: string): string | undefined =>
    PAGE.split(/^(?=#{2,3} )/gmu).find((section) => section.startsWith(`### ${heading}\n`))

  test('are those of the values, each with a threshold that its query uses', () => {
    const { prometheusRule } = z
      .looseObject({ prometheusRule: z.looseObject({ rules: z.record(z.string(), z.unknown()) }) })
      .parse(load(read('charts/twilio-sink-operator/values.yaml')))
    expect(Object.keys(prometheusRule.rules)).toEqual(alerts().map(({ name }) => name))
    const written = z
      .record(z.string(), z.looseObject({ expr: z.string() }))
      .parse(load(read('charts/twilio-sink-operator/files/alerts.yaml')))
    for (const { name, threshold } of alerts())
      expect(written[name]?.expr.includes('THRESHOLD'), name).toBe(threshold !== undefined)
    expect(new Set(RULES.map(({ alert }) => alert)).size).toBe(12)
  })

  test.each(RULES)('$alert names only metrics and labels that the operator has', ({ expr, annotations }) => {
    expect(namesIn(expr).metrics.length).toBeGreaterThan(0)
    expect(unknownIn(expr)).toEqual([])
    const shown = [...annotations.summary.matchAll(/\$labels\.(\w+)/gu)].map(([, label]) => label)
    const { labels } = namesIn(expr)
    expect(shown.filter((label) => label === undefined || !labels.includes(label))).toEqual([])
  })

  test.each(RULES)('$alert has a runbook with a command', ({ alert, annotations }) => {
    const [page = '', anchor] = annotations.runbook_url.split('#')
    expect([page, anchor]).toEqual(['docs/monitoring.md', alert.toLowerCase()])
    expect(sectionOf(alert)).toMatch(/^```sh\n(?:kubectl|curl) /mu)
  })

  test('have a test of promtool each, in which they fire', () => {
    const Tests = z.looseObject({
      tests: z.array(
        z.looseObject({ alert_rule_test: z.array(z.looseObject({ alertname: z.string() })).default([]) }),
      ),
    })
    const { tests } = Tests.parse(load(read('integrations/prometheus/alerts.test.yaml')))
    const fired = tests.flatMap(({ alert_rule_test }) => alert_rule_test.map(({ alertname }) => alertname))
    expect([...new Set(fired)]).toEqual(RULES.map(({ alert }) => alert))
  })

  test('and no runbook is left of one that is gone', () => {
    const headings = [...PAGE.matchAll(/^### (\w+)$/gmu)].map(([, heading]) => heading)
    expect(headings).toEqual(RULES.map(({ alert }) => alert))
  })
})

describe('the dashboard', () => {
  const Panel = z.looseObject({
    id: z.number(),
    title: z.string(),
    type: z.string(),
    gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
    targets: z.array(z.looseObject({ expr: z.string(), legendFormat: z.string() })).default([]),
  })
  const TEXT = read('integrations/grafana/dashboard.json')
  const { panels } = z.looseObject({ panels: z.array(Panel) }).parse(JSON.parse(TEXT))
  const SHOWN = panels.filter(({ type }) => type !== 'row')

  test('is the one of the chart', () => {
    expect(read('charts/twilio-sink-operator/files/dashboard.json')).toBe(TEXT)
    expect(SHOWN.length).toBeGreaterThan(20)
  })

  test.each(SHOWN)(
    '$title asks for metrics and labels that the operator has, of the chosen job',
    ({ targets }) => {
      expect(targets.length).toBeGreaterThan(0)
      for (const { expr, legendFormat } of targets) {
        expect(unknownIn(expr)).toEqual([])
        const selectors = expr.match(/\{[^}]*\}/gu) ?? []
        expect(selectors.length).toBe(namesIn(expr).metrics.length)
        expect(selectors.filter((selector) => !selector.includes('job=~"$job"'))).toEqual([])
        const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/gu)].map(([, label = '']) => label)
        expect(named.filter((label) => ![...namesIn(expr).labels, ...TARGET_LABELS].includes(label))).toEqual(
          [],
        )
      }
    },
  )

  test('is the one of the picture in the documents', () => {
    const picture = read('docs/dashboard.svg')
    const drawn = [...picture.matchAll(/font-size="1[03]"[^>]*>([^<]*)</gu)].map(([, title]) => title)
    expect(drawn).toEqual(panels.map(({ title }) => title))
  })

  test('has no two panels in one place, and no two of one id', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}/${y + Math.floor(cell / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  })
})

describe('the configuration of kube-state-metrics', () => {
  const Paths = z.record(z.string(), z.array(z.string()))
  const Each = z.strictObject({
    path: z.array(z.string()).default([]),
    labelsFromPath: Paths.default({}),
    labelFromKey: z.string().optional(),
    valueFrom: z.array(z.string()).default([]),
    nilIsZero: z.boolean().optional(),
  })
  const Metric = z.strictObject({
    name: z.string(),
    help: z.string(),
    labelsFromPath: Paths.default({}),
    each: z.strictObject({ type: z.enum(['Gauge', 'Info']), gauge: Each.optional(), info: Each.optional() }),
  })
  const Resource = z.strictObject({
    groupVersionKind: z.strictObject({ group: z.string(), version: z.string(), kind: z.string() }),
    metricNamePrefix: z.string(),
    errorLogV: z.number(),
    labelsFromPath: Paths,
    metrics: z.array(Metric),
  })
  const { spec } = z
    .strictObject({
      kind: z.literal('CustomResourceStateMetrics'),
      spec: z.strictObject({ resources: z.array(Resource) }),
    })
    .parse(load(read('integrations/kube-state-metrics/custom-resource-state.yaml')))

  interface Schema {
    readonly properties?: Readonly<Record<string, Schema>>
    readonly items?: Schema
  }
  const Definition = z.looseObject({
    spec: z.looseObject({
      group: z.string(),
      names: z.looseObject({ kind: z.string() }),
      versions: z.array(
        z.looseObject({ name: z.string(), schema: z.looseObject({ openAPIV3Schema: z.custom<Schema>() }) }),
      ),
    }),
  })
  const DEFINITIONS = globSync('crds/*.yaml', { cwd: ROOT }).map(
    (file) => Definition.parse(load(read(file))).spec,
  )
  /** Of every object; the definition does not list them. */
  const METADATA: Schema = Object.fromEntries([
    [
      'properties',
      Object.fromEntries(
        ['namespace', 'name', 'uid', 'creationTimestamp', 'deletionTimestamp'].map((name) => [name, {}]),
      ),
    ],
  ])

  const at = (schema: Schema | undefined, path: readonly string[]): Schema | undefined =>
    path.reduce<Schema | undefined>((inner, name) => inner?.properties?.[name], schema)

  test.each(spec.resources)(
    '$groupVersionKind.kind: each field is one that the definition has',
    (resource) => {
      const { group, version, kind } = resource.groupVersionKind
      const definition = DEFINITIONS.find((one) => one.group === group && one.names.kind === kind)
      const whole = definition?.versions.find(({ name }) => name === version)?.schema.openAPIV3Schema
      const object: Schema = { properties: { ...whole?.properties, metadata: METADATA } }
      const missing = resource.metrics.flatMap(({ name, labelsFromPath, each }) => {
        const { path, labelsFromPath: inner, valueFrom } = each.gauge ?? each.info ?? Each.parse({})
        const target = at(object, path)
        const element = target?.items ?? target
        const paths: [Schema | undefined, readonly string[]][] = [
          [object, path],
          ...Object.values({ ...resource.labelsFromPath, ...labelsFromPath }).map(
            (one): [Schema, string[]] => [object, one],
          ),
          ...Object.values(inner).map((one): [Schema | undefined, string[]] => [element, one]),
          [element, valueFrom],
        ]
        return paths
          .filter(([from, to]) => at(from, to) === undefined)
          .map(([, to]) => `${name}: ${to.join('.')}`)
      })
      expect(whole).toBeDefined()
      expect(missing).toEqual([])
    },
  )

  test('its metrics are those that the page asks for, and none of the operator', () => {
    const made = spec.resources.flatMap(({ metricNamePrefix, metrics }) =>
      metrics.map(({ name }) => `${metricNamePrefix}_${name}`),
    )
    expect(made.filter((name) => TABLE.has(name))).toEqual([])
    const asked = [...read('docs/monitoring.md').matchAll(/\bkube_twilio_\w+/gu)].map(([name]) => name)
    expect(asked.length).toBeGreaterThan(4)
    expect(asked.filter((name) => !made.includes(name))).toEqual([])
  })
})
