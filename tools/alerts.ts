import { readFileSync } from 'node:fs'
import { dump, load } from 'js-yaml'
import { z } from 'zod'
import { withGeneratedPart } from './generated-part.ts'
import { anchorOf } from './markdown-anchor.ts'
import { markdownTable } from './markdown-table.ts'

/** What `files/alerts.yaml` of the chart says of an alert. */
const Alert = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  summary: z.string(),
  description: z.string(),
})

/** What the values say of it. */
const AlertValues = z.strictObject({
  enabled: z.boolean(),
  for: z.string(),
  severity: z.string(),
  threshold: z.number().optional(),
})

const Values = z.looseObject({
  operator: z.looseObject({ pollInterval: z.literal('5m') }),
  prometheusRule: z.looseObject({ runbookUrl: z.string(), rules: z.record(z.string(), AlertValues) }),
})

const POLL_SECONDS = '300'

/** An alert as Prometheus reads it. */
export interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly labels: { readonly severity: string }
  readonly annotations: {
    readonly summary: string
    readonly description: string
    readonly runbook_url: string
  }
}

const CHART = new URL('../charts/twilio-sink-operator/', import.meta.url)
const read = (file: string): unknown => load(readFileSync(new URL(file, CHART), 'utf8'))

/** An alert with its name in the values. */
export interface NamedAlert {
  readonly name: string
  readonly threshold: number | undefined
  readonly rule: AlertRule
}

/** As the chart renders them with the defaults. Throws if the values say nothing of one. */
export function alerts(): readonly NamedAlert[] {
  const { rules, runbookUrl } = Values.parse(read('values.yaml')).prometheusRule
  const said = Object.entries(z.record(z.string(), Alert).parse(read('files/alerts.yaml')))
  return said.map(([name, { alert, expr, summary, description }]) => {
    const { threshold, severity, for: lasting } = AlertValues.parse(rules[name])
    const rule = {
      alert,
      expr: expr.replaceAll('THRESHOLD', String(threshold)).replaceAll('POLL_INTERVAL', POLL_SECONDS),
      for: lasting,
      labels: { severity },
      annotations: { summary, description, runbook_url: `${runbookUrl}#${anchorOf(alert)}` },
    }
    return { name, threshold, rule }
  })
}

const HEAD = `# Generated from charts/twilio-sink-operator/files/alerts.yaml and the defaults of the chart, for a Prometheus without the
# Prometheus Operator. It has to scrape the pods with honor_labels: true. Name this file in rule_files.
`

/** integrations/prometheus/alerts.yaml */
export function prometheusAlerts(): string {
  const groups = [{ name: 'twilio-sink-operator', rules: alerts().map(({ rule }) => rule) }]
  return `${HEAD}${dump({ groups }, { lineWidth: -1 })}`
}

const MARKS = {
  begin: '<!-- alerts: written by `npm run generate` from the chart -->',
  end: '<!-- end of the alerts -->',
}

/** docs/monitoring.md, with the table of alerts between its two marks. */
export function monitoringPage(present: string): string {
  const rows = alerts().map(({ name, threshold, rule: { alert, for: lasting, labels, annotations } }) => [
    `[${alert}](#${anchorOf(alert)})`,
    annotations.description,
    lasting,
    threshold === undefined ? '' : String(threshold),
    labels.severity,
    `\`${name}\``,
  ])
  const head = ['alert', 'means', 'for', 'threshold', 'severity', 'name under `prometheusRule.rules`']
  return withGeneratedPart(present, MARKS, markdownTable(head, rows))
}
