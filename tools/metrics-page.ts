import { createMetrics } from '../src/metrics.ts'
import { markdownTable } from './markdown-table.ts'

/** docs/metrics.md */
export function metricsPage(): string {
  const rows = createMetrics({ version: '', nodeVersion: '' })
    .described()
    .map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ])
  return `# Metrics

Written by \`npm run generate\` from the metrics that the operator makes.

The operator serves them at \`/metrics\` of \`--metrics-address\`. Where controller-runtime counts the same, they have its
names and labels, so that dashboards for it fit. \`account\` is \`namespace/name\` of the TwilioAccount. No label
grows with the number of Sinks: a single Sink is looked up by its conditions, not by a metric.

${markdownTable(['name', 'type', 'labels', 'meaning'], rows)}

Besides, there is what prom-client tells of every process: \`process_*\` and \`nodejs_*\`, among them
\`nodejs_eventloop_lag_seconds\`.
`
}
