import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Command } from '../../rigs/control-plane/command.ts'
import { helmFor } from '../../rigs/control-plane/helm.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { IMAGE, INSTALL_NAMESPACE, RELEASE, helmRefusal, only, render, type Values } from './chart.ts'
import { helmMissing } from './helm-or-skip.ts'

const ROOT = new URL('../../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8')

const Rules = z.looseObject({
  groups: z.tuple([
    z.looseObject({
      name: z.string(),
      rules: z.array(z.looseObject({ alert: z.string(), expr: z.string() })),
    }),
  ]),
})

/** Of a ServiceMonitor and of a PodMonitor. */
const ENDPOINT = { port: 'metrics', path: '/metrics', honorLabels: true }

describe.skipIf(helmMissing !== undefined)('what the chart brings for monitoring', () => {
  let helm: Command
  beforeAll(async () => {
    helm = await helmFor(sharedCluster())
  })
  const objectsOf = async (values: Values) => (await render(helm, { ...IMAGE, ...values })).objects
  const rulesOf = async (prometheusRule: Values, more: Values = {}) => {
    const objects = await objectsOf({ ...more, prometheusRule: { enabled: true, ...prometheusRule } })
    return Rules.parse(only(objects, 'PrometheusRule')['spec']).groups[0].rules
  }

  test('is off by default, since most clusters do not know the kinds', async () => {
    const kinds = (await objectsOf({})).map(({ kind }) => kind)
    for (const kind of ['ServiceMonitor', 'PodMonitor', 'PrometheusRule', 'ConfigMap'])
      expect(kinds).not.toContain(kind)
  })

  test.for([
    ['serviceMonitor', 'ServiceMonitor', 'endpoints', 'Service'],
    ['podMonitor', 'PodMonitor', 'podMetricsEndpoints', 'Deployment'],
  ] as const)('%s reads the metrics of this release alone', async ([value, kind, endpoints, target]) => {
    const objects = await objectsOf({ [value]: { enabled: true } })
    const monitor = only(objects, kind)
    expect(monitor.metadata.namespace).toBe(INSTALL_NAMESPACE)
    const { matchLabels } = z
      .looseObject({ matchLabels: z.record(z.string(), z.string()) })
      .parse(Object(monitor['spec'])['selector'])
    expect(monitor['spec']).toEqual({
      namespaceSelector: { matchNames: [INSTALL_NAMESPACE] },
      selector: { matchLabels },
      [endpoints]: [ENDPOINT],
    })
    expect(only(objects, target).metadata.labels).toMatchObject(matchLabels)
  })

  test.for([
    ['serviceMonitor', 'ServiceMonitor', 'endpoints'],
    ['podMonitor', 'PodMonitor', 'podMetricsEndpoints'],
  ] as const)('%s is as told', async ([value, kind, endpoints]) => {
    const given = {
      interval: '30s',
      scrapeTimeout: '10s',
      relabelings: [{ action: 'labeldrop', regex: 'pod' }],
      metricRelabelings: [{ action: 'drop', sourceLabels: ['__name__'], regex: 'nodejs_gc_.*' }],
    }
    const labels = { release: 'prometheus' }
    const monitor = only(
      await objectsOf({ [value]: { enabled: true, namespace: 'monitoring', labels, ...given } }),
      kind,
    )
    expect(monitor.metadata).toMatchObject({
      // Not by the name of the release alone: another one of that name may put its monitor there as well.
      name: `${INSTALL_NAMESPACE}.${RELEASE}`,
      namespace: 'monitoring',
      labels,
    })
    expect(monitor['spec']).toMatchObject({
      namespaceSelector: { matchNames: [INSTALL_NAMESPACE] },
      [endpoints]: [{ ...ENDPOINT, ...given }],
    })
  })

  test('the alerts with their defaults are those of the file for a Prometheus alone', async () => {
    const file = Rules.parse(load(read('integrations/prometheus/alerts.yaml')))
    const byName = (one: { alert: string }, other: { alert: string }) => (one.alert < other.alert ? -1 : 1)
    expect((await rulesOf({})).sort(byName)).toEqual(file.groups[0].rules.sort(byName))
  })

  test('each alert can be switched off, and its threshold, time and severity are values', async () => {
    const all = await rulesOf({})
    const quiet = await rulesOf({ rules: { sinkUnused: { enabled: false }, panics: { enabled: false } } })
    const gone = all.filter(({ alert }) => !quiet.some((left) => left.alert === alert))
    expect(gone.map(({ alert }) => alert).sort()).toEqual(['TwilioSinkOperatorPanics', 'TwilioSinkUnused'])
    const given = { threshold: 0.75, for: '1h', severity: 'page' }
    const changed = await rulesOf({ rules: { quotaNear: given } })
    const near = changed.find(({ alert }) => alert === 'TwilioSinkQuotaNear')
    expect(near).toMatchObject({ for: '1h', labels: { severity: 'page' } })
    expect(near?.expr).toMatch(/> 0\.75$/u)
  })

  test.for([
    ['30m', '3 * 1800'],
    ['1.5h', '3 * 5400'],
    ['45s', '3 * 45'],
    ['500ms', '3 * 0.5'],
  ] as const)('with a poll every %s a poll is stale after %s seconds', async ([pollInterval, seconds]) => {
    const rules = await rulesOf({}, { operator: { pollInterval, settlingPollInterval: '500ms' } })
    expect(rules.find(({ alert }) => alert === 'TwilioPollStale')?.expr).toContain(`> ${seconds})`)
  })

  test('the runbooks are where the values say, and the rule in the namespace that Prometheus looks at', async () => {
    const runbookUrl = 'https://wiki.example.com/monitoring'
    const values = { enabled: true, namespace: 'monitoring', labels: { role: 'alert-rules' }, runbookUrl }
    const rule = only(await objectsOf({ prometheusRule: values }), 'PrometheusRule')
    expect(rule.metadata).toMatchObject({ namespace: 'monitoring', labels: { role: 'alert-rules' } })
    expect(JSON.stringify(rule['spec'])).toContain(`"runbook_url":"${runbookUrl}#twiliosinknotready"`)
  })

  test('the dashboard comes with the label of the sidecar, as it is in the file', async () => {
    const values = {
      enabled: true,
      namespace: 'grafana',
      sidecarLabel: 'dashboards',
      sidecarLabelValue: 'yes',
      annotations: { folder: 'Twilio' },
    }
    const dashboard = only(await objectsOf({ grafanaDashboard: values }), 'ConfigMap')
    expect(dashboard.metadata).toMatchObject({
      namespace: 'grafana',
      labels: { dashboards: 'yes' },
      annotations: { folder: 'Twilio' },
    })
    expect(dashboard['data']).toEqual({
      'twilio-sink-operator.json': read('integrations/grafana/dashboard.json'),
    })
    expect(
      only(await objectsOf({ grafanaDashboard: { enabled: true } }), 'ConfigMap').metadata.labels,
    ).toMatchObject({
      grafana_dashboard: '1',
    })
  })

  test('the values that the page shows are values of the chart', async () => {
    const [, yaml = ''] = /^```yaml\n(serviceMonitor:[^]*?)^```/mu.exec(read('docs/monitoring.md')) ?? []
    const kinds = (await objectsOf(z.record(z.string(), z.unknown()).parse(load(yaml)))).map(
      ({ kind }) => kind,
    )
    expect(kinds).toEqual(expect.arrayContaining(['ServiceMonitor', 'PrometheusRule', 'ConfigMap']))
  })

  test.for<[why: string, values: Values, named: RegExp]>([
    [
      'each pod read twice',
      { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } },
      /cannot be given together/u,
    ],
    [
      'a monitor of metrics that are off',
      { podMonitor: { enabled: true }, metrics: { enabled: false } },
      /need metrics\.enabled=true/u,
    ],
    [
      'a monitor of a Service that is not there',
      { serviceMonitor: { enabled: true }, metrics: { service: { enabled: false } } },
      /needs metrics\.service\.enabled=true/u,
    ],
    [
      'an alert of another name',
      { prometheusRule: { rules: { notReady: { enabled: false } } } },
      /prometheusRule\/rules.*'notReady'/su,
    ],
    [
      'a threshold that nothing reads',
      { prometheusRule: { rules: { sinkNotReady: { threshold: 3 } } } },
      /sinkNotReady.*'threshold'/su,
    ],
    ['a time in other words', { serviceMonitor: { interval: '5 minutes' } }, /serviceMonitor\/interval/u],
    [
      'a label by which the release finds its objects',
      { serviceMonitor: { labels: { 'app.kubernetes.io/instance': 'x' } } },
      /app\.kubernetes\.io\/instance is set by the chart/u,
    ],
  ])('%s is refused before anything is applied', async ([, values, named]) => {
    expect(await helmRefusal(helm, { ...IMAGE, ...values })).toMatch(named)
  })
})
