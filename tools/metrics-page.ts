import { createMetrics } from '../src/observability/metrics.ts'
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

This page lists the metrics of the operator. \`npm run generate\` writes it from the source.

The operator serves the metrics at \`/metrics\` on \`--metrics-address\`. Metrics that controller-runtime has, too, have the
same names and labels here, so that its dashboards work. The label \`account\` is \`namespace/name\` of the TwilioAccount.
No label depends on the number of Sinks: for the state of a single Sink, look at its conditions, or use
[kube-state-metrics](monitoring.md#the-state-of-each-sink).

${markdownTable(['name', 'type', 'labels', 'meaning'], rows)}

The operator also serves the process metrics of prom-client: \`process_*\` and \`nodejs_*\`, such as
\`nodejs_eventloop_lag_seconds\`, \`nodejs_eventloop_lag_p99_seconds\`, \`process_resident_memory_bytes\` and
\`process_cpu_seconds_total\`.

[Monitoring](monitoring.md) says how to collect them, and which alerts and which dashboard there are.
`
}
