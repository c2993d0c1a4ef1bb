/** One query of a panel, and the name of its line. */
type Query = readonly [expr: string, legend: string]

interface Panel {
  readonly title: string
  readonly type: 'stat' | 'timeseries'
  /** As Grafana names it. */
  readonly unit: 's' | 'bytes' | 'short'
  readonly queries: readonly Query[]
}

/** Tells the operator from other programs with metrics of the same names. */
const JOB = 'job=~"$job"'

const stat = (title: string, expr: string): Panel => ({
  title,
  type: 'stat',
  unit: 'short',
  queries: [[expr, '']],
})

const lines = (title: string, unit: Panel['unit'], ...queries: Query[]): Panel => ({
  title,
  type: 'timeseries',
  unit,
  queries,
})

/** A counter, as what happened in each minute. */
const perMinute = (by: string, metric: string): Query => [
  `sum by (${by}) (rate(${metric}{${JOB}}[$__rate_interval])) * 60`,
  by
    .split(', ')
    .map((label) => `{{${label}}}`)
    .join(' '),
]

const p95 = (by: string, metric: string): Query => [
  `histogram_quantile(0.95, sum by (le, ${by}) (rate(${metric}_bucket{${JOB}}[$__rate_interval])))`,
  `{{${by}}}`,
]

const p95OfAll = (metric: string): Query => [
  `histogram_quantile(0.95, sum by (le) (rate(${metric}_bucket{${JOB}}[$__rate_interval])))`,
  '',
]

const ROWS: readonly (readonly [title: string, panels: readonly Panel[]])[] = [
  [
    'Now',
    [
      stat('Leaders', `sum(leader_election_master_status{${JOB},name="twilio-sink-operator"})`),
      stat('Sinks that are Ready', `sum(twilio_sink_objects{${JOB},ready="True"}) or vector(0)`),
      stat('Sinks that are not', `sum(twilio_sink_objects{${JOB},ready!="True"}) or vector(0)`),
      stat('Sinks without subscription', `sum(twilio_sink_unused{${JOB}}) or vector(0)`),
      stat('Sinks with a second sink', `sum(twilio_sink_duplicates{${JOB}}) or vector(0)`),
      stat('Blocked deletions', `sum(twilio_sink_deletions_blocked{${JOB}}) or vector(0)`),
      stat(
        'Accounts with refused credentials',
        `count(twilio_account_credentials_valid{${JOB}} == 0) or vector(0)`,
      ),
      stat('Accounts that hold changes', `sum(twilio_account_changes_held{${JOB}}) or vector(0)`),
    ],
  ],
  [
    'Sinks',
    [
      lines('Sinks by Ready', 'short', [`sum by (ready) (twilio_sink_objects{${JOB}})`, '{{ready}}']),
      lines("Sinks by Twilio's status", 'short', [
        `sum by (sink_status) (twilio_sink_objects{${JOB}})`,
        '{{sink_status}}',
      ]),
      lines('Not Ready, by namespace', 'short', [
        `sum by (namespace) (twilio_sink_objects{${JOB},ready!="True"})`,
        '{{namespace}}',
      ]),
      lines('Creates per minute', 'short', perMinute('outcome', 'twilio_sink_create_outcomes_total')),
      lines('Corrected descriptions per minute', 'short', perMinute('action', 'twilio_sink_drift_total')),
      lines('Oldest blocked deletion', 's', [
        `max by (reason) (twilio_sink_oldest_blocked_deletion_seconds{${JOB}})`,
        '{{reason}}',
      ]),
      lines('Time until 95 % of the new Sinks are Ready', 's', p95OfAll('twilio_sink_time_to_ready_seconds')),
      lines('Time until 95 % of the deleted Sinks are gone', 's', p95OfAll('twilio_sink_deletion_seconds')),
      lines(
        'Sinks that need a person, new per minute',
        'short',
        perMinute('controller', 'controller_runtime_terminal_reconcile_errors_total'),
      ),
    ],
  ],
  [
    'Accounts and Twilio',
    [
      lines(
        'Sinks in the account',
        'short',
        [`sum by (account, ownership) (twilio_external_sinks{${JOB}})`, '{{account}} {{ownership}}'],
        [`max by (account) (twilio_external_sinks_limit{${JOB}})`, '{{account}} limit'],
      ),
      lines('Time since the last complete LIST', 's', [
        `time() - max by (account) (twilio_account_last_successful_poll_timestamp_seconds{${JOB}})`,
        '{{account}}',
      ]),
      lines('Requests in progress', 'short', [
        `sum by (account) (twilio_api_in_flight{${JOB}})`,
        '{{account}}',
      ]),
      lines('Requests per minute', 'short', perMinute('operation, code', 'twilio_api_requests_total')),
      lines('Duration of 95 % of the requests', 's', p95('operation', 'twilio_api_request_duration_seconds')),
      lines(
        'Errors and refusals (429) per minute',
        'short',
        perMinute('operation, twilio_code', 'twilio_api_errors_total'),
        perMinute('account', 'twilio_api_throttled_total'),
      ),
    ],
  ],
  [
    'Operator',
    [
      lines(
        'Reconciles per minute',
        'short',
        perMinute('controller, result', 'controller_runtime_reconcile_total'),
      ),
      lines(
        'Duration of 95 % of the reconciles',
        's',
        p95('controller', 'controller_runtime_reconcile_time_seconds'),
      ),
      lines('Keys that wait', 'short', [
        `sum by (name, priority) (workqueue_depth{${JOB}})`,
        '{{name}} {{priority}}',
      ]),
      lines('Status writes per minute', 'short', perMinute('result', 'twilio_operator_status_writes_total')),
      lines(
        'Requests to the API server per minute',
        'short',
        perMinute('method, code', 'rest_client_requests_total'),
      ),
      lines(
        'Watches started again per minute',
        'short',
        perMinute('resource, reason', 'kube_watch_restarts_total'),
      ),
      lines('Event loop lag (99 %)', 's', [`nodejs_eventloop_lag_p99_seconds{${JOB}}`, '{{instance}}']),
      lines('Memory', 'bytes', [`process_resident_memory_bytes{${JOB}}`, '{{instance}}']),
      lines('Processor time per second', 's', [
        `rate(process_cpu_seconds_total{${JOB}}[$__rate_interval])`,
        '{{instance}}',
      ]),
    ],
  ],
]

const GRID = { columns: 24, stat: { w: 6, h: 4 }, timeseries: { w: 8, h: 8 } }
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' }

/** integrations/grafana/dashboard.json, and its copy in the chart. */
export function grafanaDashboard(): string {
  return `${JSON.stringify(
    {
      title: 'Twilio sink operator',
      uid: 'twilio-sink-operator',
      tags: ['twilio-sink-operator'],
      schemaVersion: 39,
      editable: true,
      refresh: '1m',
      time: { from: 'now-6h', to: 'now' },
      templating: { list: VARIABLES },
      panels: laidOut(),
    },
    null,
    2,
  )}\n`
}

const VARIABLES = [
  { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
  {
    name: 'job',
    label: 'Job',
    type: 'query',
    datasource: DATASOURCE,
    query: { query: 'label_values(twilio_operator_build_info, job)', refId: 'job' },
    refresh: 2,
    includeAll: true,
    multi: true,
    current: { text: 'All', value: '$__all' },
  },
]

/** The panels of each row below its title, from left to right. */
function laidOut(): object[] {
  const placed: object[] = []
  let y = 0
  for (const [title, panels] of ROWS) {
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: GRID.columns, h: 1 },
    })
    y += 1
    const [{ type } = { type: 'stat' as const }] = panels
    const { w, h } = GRID[type]
    for (const [index, panel] of panels.entries()) {
      const x = (index * w) % GRID.columns
      const line = Math.floor((index * w) / GRID.columns)
      placed.push({ id: placed.length + 1, ...shown(panel), gridPos: { x, y: y + line * h, w, h } })
    }
    y += Math.ceil((panels.length * w) / GRID.columns) * h
  }
  return placed
}

function shown({ title, type, unit, queries }: Panel): object {
  return {
    type,
    title,
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCodePoint('A'.charCodeAt(0) + index),
      datasource: DATASOURCE,
      expr,
      legendFormat,
    })),
  }
}
