import { dump } from 'js-yaml'
import { alerts, type AlertRule } from './alerts.ts'

/** A metric, with its labels as Prometheus stores them, and its values. */
type Series = readonly [series: string, values: string]

/** What goes wrong, ten minutes after the start. */
interface Fault {
  /** Name of the alert in the values of the chart. */
  readonly name: string
  readonly what: string
  readonly series: (lasts: number) => readonly Series[]
  /** Minutes until the query of the alert is true, besides its `for`. */
  readonly after?: number
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
}

const BEGINS = 10
/** Minutes for which an alert fires, and in which it must have ended. */
const ENOUGH = 20

/** Before the fault, while it lasts, and afterwards. To promtool, `1x9` is ten samples, and `_x9` is nine without one. */
const values = (well: string, fault: string, lasts: number): string =>
  `${well}x${BEGINS - 1} ${fault}x${lasts - 1} ${well}x${ENOUGH}`
/** A scrape that lacks a series ends it. */
const onlyIn = (fault: string, lasts: number): string => `_x${BEGINS} ${fault}x${lasts - 1} stale`

const OPERATOR = 'job="operator",namespace="twilio-system"'
const ACCOUNT = 'account="shop/default"'
/** Another program with metrics of the same names, which no alert is about. */
const OTHER = 'job="other",namespace="other",instance="other"'

const build = (pod: string): string => `twilio_operator_build_info{${OPERATOR},instance="${pod}"}`
const master = (pod: string): string =>
  `leader_election_master_status{${OPERATOR},instance="${pod}",name="twilio-sink-operator"}`
const ALWAYS = 2_000
const LEADER: readonly Series[] = [
  [master('a'), `1x${ALWAYS}`],
  [master('b'), `0x${ALWAYS}`],
]

/** Two pods and another program, for two days. */
const WELL: readonly Series[] = [
  ...LEADER,
  [`leader_election_master_status{${OTHER},name="other"}`, `0x${ALWAYS}`],
  [build('a'), `1x${ALWAYS}`],
  [build('b'), `1x${ALWAYS}`],
  ['twilio_sink_objects{namespace="shop",sink_status="active",ready="True"}', `3x${ALWAYS}`],
  ['twilio_sink_unused{namespace="shop"}', `0x${ALWAYS}`],
  [`twilio_account_credentials_valid{${ACCOUNT}}`, `1x${ALWAYS}`],
  [`twilio_account_last_successful_poll_timestamp_seconds{${ACCOUNT}}`, `0+60x${ALWAYS}`],
  [`twilio_sink_duplicates{${ACCOUNT}}`, `0x${ALWAYS}`],
  [`twilio_account_changes_held{${ACCOUNT}}`, `0x${ALWAYS}`],
  [`twilio_external_sinks{${ACCOUNT},ownership="owned"}`, `60x${ALWAYS}`],
  [`twilio_external_sinks{${ACCOUNT},ownership="unmarked"}`, `30x${ALWAYS}`],
  [`twilio_external_sinks_limit{${ACCOUNT}}`, `100x${ALWAYS}`],
  ['twilio_sink_oldest_blocked_deletion_seconds{reason="SinkInUse"}', `3600x${ALWAYS}`],
  [`twilio_operator_crd_missing_fields{${OPERATOR},needed="true"}`, `0x${ALWAYS}`],
  [`twilio_operator_crd_missing_fields{${OPERATOR},needed="false"}`, `2x${ALWAYS}`],
  [`controller_runtime_reconcile_panics_total{${OPERATOR},instance="a",controller="sink"}`, `1x${ALWAYS}`],
  [`controller_runtime_reconcile_panics_total{${OTHER},controller="other"}`, `0+1x${ALWAYS}`],
  [`nodejs_eventloop_lag_p99_seconds{${OPERATOR},instance="a"}`, `0.5x${ALWAYS}`],
  [`nodejs_eventloop_lag_p99_seconds{${OTHER}}`, `9x${ALWAYS}`],
]

const polledUntil = (lasts: number): Series => [
  `twilio_account_last_successful_poll_timestamp_seconds{${ACCOUNT}}`,
  `0+60x${BEGINS} ${BEGINS * 60}x${lasts - 2} ${(BEGINS + lasts) * 60}+60x${ENOUGH}`,
]

/** At least one for each alert. */
const FAULTS: readonly Fault[] = [
  {
    name: 'sinkNotReady',
    what: 'A Sink is not Ready, and another one is',
    series: (lasts) => [
      ['twilio_sink_objects{namespace="shop",sink_status="active",ready="True"}', `1x${ALWAYS}`],
      ['twilio_sink_objects{namespace="shop",sink_status="none",ready="False"}', onlyIn('1', lasts)],
    ],
    labels: { namespace: 'shop' },
    summary: 'Sinks in namespace shop are not Ready.',
  },
  {
    name: 'sinkUnused',
    what: 'A Sink has no subscription',
    series: (lasts) => [['twilio_sink_unused{namespace="shop"}', values('0', '1', lasts)]],
    labels: { namespace: 'shop' },
    summary: 'Sinks in namespace shop have no subscription.',
  },
  {
    name: 'credentialsRefused',
    what: 'Twilio refuses the key, so that no LIST succeeds; this alone is told',
    series: (lasts) => [
      [`twilio_account_credentials_valid{${ACCOUNT}}`, values('1', '0', lasts)],
      polledUntil(lasts),
    ],
    labels: { account: 'shop/default' },
    summary: 'The operator has no valid credentials for TwilioAccount shop/default.',
  },
  {
    name: 'pollStale',
    what: 'Twilio does not answer',
    series: (lasts) => [[`twilio_account_credentials_valid{${ACCOUNT}}`, `1x${ALWAYS}`], polledUntil(lasts)],
    after: 16,
    labels: { account: 'shop/default' },
    summary: 'Twilio has not answered for TwilioAccount shop/default for 18m 0s.',
  },
  {
    name: 'deletionBlocked',
    what: 'A subscription uses the sink of a Sink that is being deleted',
    series: (lasts) => [
      ['twilio_sink_oldest_blocked_deletion_seconds{reason="SinkInUse"}', onlyIn('0+60', lasts)],
    ],
    after: 61,
    labels: { reason: 'SinkInUse' },
    summary: 'The deletion of a Sink has been blocked for 1h 3m 0s: SinkInUse.',
  },
  {
    name: 'duplicateFound',
    what: 'Two sinks have the mark of one Sink',
    series: (lasts) => [[`twilio_sink_duplicates{${ACCOUNT}}`, values('0', '1', lasts)]],
    labels: { account: 'shop/default' },
    summary: 'Sinks of TwilioAccount shop/default have a second sink at Twilio.',
  },
  {
    name: 'changesHeld',
    what: 'The account holds changes',
    series: (lasts) => [[`twilio_account_changes_held{${ACCOUNT}}`, values('0', '1', lasts)]],
    labels: { account: 'shop/default' },
    summary: 'TwilioAccount shop/default holds changes.',
  },
  {
    name: 'quotaNear',
    what: 'Of the sinks that Twilio allows 91 % are there, some of them made by people',
    series: (lasts) => [
      [`twilio_external_sinks{${ACCOUNT},ownership="owned"}`, values('60', '61', lasts)],
      [`twilio_external_sinks{${ACCOUNT},ownership="unmarked"}`, `30x${ALWAYS}`],
      [`twilio_external_sinks_limit{${ACCOUNT}}`, `100x${ALWAYS}`],
    ],
    labels: { account: 'shop/default' },
    summary: 'TwilioAccount shop/default has 91% of the sinks that Twilio allows.',
  },
  {
    name: 'noLeader',
    what: 'Both pods run, and neither leads',
    series: (lasts) => [[master('a'), values('1', '0', lasts)]],
    labels: { namespace: 'twilio-system' },
    summary: 'No pod of the operator leads.',
  },
  {
    name: 'noLeader',
    what: 'Prometheus finds no pod',
    series: (lasts) => LEADER.map(([series]) => [series, `1x${BEGINS - 1} stale _x${lasts - 1} 1x${ENOUGH}`]),
    labels: { name: 'twilio-sink-operator' },
    summary: 'No pod of the operator leads.',
  },
  {
    name: 'crdsTooOld',
    what: 'The CRDs lack two fields that the operator needs',
    series: (lasts) => [
      [`twilio_operator_crd_missing_fields{${OPERATOR},needed="true"}`, values('0', '2', lasts)],
    ],
    labels: { namespace: 'twilio-system' },
    summary: 'The CRDs in the cluster lack 2 fields that the operator needs.',
  },
  {
    name: 'panics',
    what: 'A reconcile fails with an unexpected error, once',
    series: () => [
      [build('a'), `1x${ALWAYS}`],
      [
        `controller_runtime_reconcile_panics_total{${OPERATOR},instance="a",controller="sink"}`,
        `0x${BEGINS - 1} 1x${ALWAYS}`,
      ],
    ],
    labels: { controller: 'sink' },
    summary: 'Reconciles of sink fail with an unexpected error.',
  },
  {
    name: 'eventLoopBlocked',
    what: 'The process stands still for 600 ms at a time',
    series: (lasts) => [
      [build('a'), `1x${ALWAYS}`],
      [`nodejs_eventloop_lag_p99_seconds{${OPERATOR},instance="a"}`, values('0.01', '0.6', lasts)],
    ],
    labels: { namespace: 'twilio-system', instance: 'a' },
    summary: 'The operator at a stands still for 600ms at a time.',
  },
]

const FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})'

/** That just these alerts fire at a minute. */
const fire = (minute: number, ...names: readonly string[]): object => ({
  expr: FIRING,
  eval_time: `${minute}m`,
  exp_samples: names.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
})

const seriesOf = (all: readonly Series[]): object[] => {
  const named = new Map([...LEADER, ...all])
  return [...named].map(([series, of]) => ({ series, values: of }))
}

const MINUTES: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, h: 60, d: 1_440 }
const minutesOf = (duration: string): number =>
  Number.parseInt(duration, 10) * (MINUTES[duration.at(-1) ?? ''] ?? NaN)

function testOf({ what, series, after = 0, labels, summary }: Fault, rule: AlertRule): object {
  const fires = BEGINS + after + minutesOf(rule.for)
  const ends = fires + ENOUGH
  const annotations = { ...rule.annotations, summary }
  return {
    name: what,
    interval: '1m',
    input_series: seriesOf(series(ends - BEGINS)),
    alert_rule_test: [
      {
        eval_time: `${fires + 1}m`,
        alertname: rule.alert,
        exp_alerts: [{ exp_labels: { ...labels, ...rule.labels }, exp_annotations: annotations }],
      },
    ],
    promql_expr_test: [
      fire(fires - 1),
      fire(fires + 1, rule.alert),
      // What has happened once is told for 15 minutes.
      ...(rule.for === '0s' ? [] : [fire(ends - 1, rule.alert)]),
      fire(ends + ENOUGH),
    ],
  }
}

const HEAD = `# Generated by \`npm run generate\` from tools/alert-tests.ts: each alert does not fire while all is well, fires when its fault
# has lasted for long enough, alone, and ends after it. \`promtool test rules alerts.test.yaml\` runs it.
`

/** integrations/prometheus/alerts.test.yaml */
export function alertTests(): string {
  const rules = new Map(alerts().map(({ name, rule }) => [name, rule]))
  const tests = FAULTS.flatMap((fault) => {
    const rule = rules.get(fault.name)
    return rule === undefined ? [] : [testOf(fault, rule)]
  })
  const well = {
    name: 'All is well, and each threshold is just not passed',
    interval: '1m',
    input_series: seriesOf(WELL),
    promql_expr_test: [30, 90, 1_500].map((minute) => fire(minute)),
  }
  const file = { rule_files: ['alerts.yaml'], evaluation_interval: '1m', tests: [well, ...tests] }
  return `${HEAD}${dump(file, { lineWidth: -1, noRefs: true })}`
}
