import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ControllerObserver } from './controller/controller.ts'
import type { QueueGauges, QueueObserver } from './controller/queue-observer.ts'
import type { CallObserver } from './kubernetes/connection.ts'
import type { ListWatchObserver } from './kubernetes/list-watch.ts'
import { createFactGauges, type FactSources } from './metrics-facts.ts'
import type { Report } from './sink/report.ts'
import type { Observe } from './twilio/observation.ts'

/** All that is counted, under the names of controller-runtime where it has one. No label grows with the number of objects. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  controllerObserver(name: string, concurrency: number): ControllerObserver
  queueObserver(name: string): QueueObserver
  watchQueue(name: string, gauges: () => QueueGauges): void
  readonly kubernetesCalls: CallObserver
  listWatch(resource: string): ListWatchObserver
  readonly twilioCalls: Observe
  passed(report: Report): void
  statusWritten(result: 'written' | 'skipped' | 'conflict'): void
  collectFrom(sources: FactSources): void
}

export interface MetricsOptions {
  readonly version: string
  readonly nodeVersion: string
  readonly commit?: string
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const RESULTS = ['success', 'error', 'requeue', 'requeue_after'] as const

export function createMetrics({ version, nodeVersion, commit = '' }: MetricsOptions): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers: [registry] })
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  const seconds = (name: string, help: string, ...labelNames: string[]) =>
    new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [registry] })

  gauge(
    'twilio_operator_build_info',
    'Always 1; the labels say which build runs.',
    'version',
    'commit',
    'node_version',
  )
    .labels(version, commit, nodeVersion)
    .set(1)
  const leading = gauge('leader_election_master_status', 'Whether this process leads.', 'name')
  leading.labels('twilio-sink-operator').set(1)
  const controller = controllerMetrics(counter, gauge, seconds)
  const queue = queueMetrics(registry, counter, gauge, seconds)
  const outside = outsideMetrics(counter, gauge, seconds)
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    ...controller,
    ...queue,
    ...outside,
    ...passMetrics(counter),
    collectFrom: (sources) => createFactGauges(registry, sources),
  }
}

type MakeCounter = (name: string, help: string, ...labels: string[]) => Counter
type MakeGauge = (name: string, help: string, ...labels: string[]) => Gauge
type MakeHistogram = (name: string, help: string, ...labels: string[]) => Histogram

function controllerMetrics(
  counter: MakeCounter,
  gauge: MakeGauge,
  seconds: MakeHistogram,
): Pick<Metrics, 'controllerObserver'> {
  const total = counter('controller_runtime_reconcile_total', 'Passes.', 'controller', 'result')
  const errors = counter(
    'controller_runtime_reconcile_errors_total',
    'Passes that have to be repeated.',
    'controller',
  )
  const panics = counter('controller_runtime_reconcile_panics_total', 'Passes that threw.', 'controller')
  const overdue = counter(
    'controller_runtime_reconcile_timeouts_total',
    'Passes that took very long.',
    'controller',
  )
  const time = seconds('controller_runtime_reconcile_time_seconds', 'Duration of passes.', 'controller')
  const active = gauge('controller_runtime_active_workers', 'Passes running.', 'controller')
  const most = gauge(
    'controller_runtime_max_concurrent_reconciles',
    'Passes that may run at a time.',
    'controller',
  )
  return {
    controllerObserver: (name, concurrency) => {
      most.labels(name).set(concurrency)
      active.labels(name).set(0)
      for (const result of RESULTS) total.labels(name, result).inc(0)
      for (const one of [errors, panics, overdue]) one.labels(name).inc(0)
      return {
        passStarted: () => active.labels(name).inc(),
        passEnded: (_key, result, ms) => {
          active.labels(name).dec()
          total.labels(name, result).inc()
          if (result === 'error') errors.labels(name).inc()
          time.labels(name).observe(ms / 1000)
        },
        passThrew: () => panics.labels(name).inc(),
        passOverdue: () => overdue.labels(name).inc(),
      }
    },
  }
}

function queueMetrics(
  registry: Registry,
  counter: MakeCounter,
  gauge: MakeGauge,
  seconds: MakeHistogram,
): Pick<Metrics, 'queueObserver' | 'watchQueue'> {
  const adds = counter('workqueue_adds_total', 'Keys added.', 'name', 'controller')
  const retries = counter(
    'workqueue_retries_total',
    'Keys added again after a failure.',
    'name',
    'controller',
  )
  const waited = seconds('workqueue_queue_duration_seconds', 'How long keys waited.', 'name', 'controller')
  const worked = seconds(
    'workqueue_work_duration_seconds',
    'How long keys were worked on.',
    'name',
    'controller',
  )
  const queues = new Map<string, () => QueueGauges>()
  const unfinished = gauge('workqueue_unfinished_work_seconds', 'Work in progress.', 'name', 'controller')
  const longest = gauge(
    'workqueue_longest_running_processor_seconds',
    'The longest pass running.',
    'name',
    'controller',
  )
  new Gauge({
    name: 'workqueue_depth',
    help: 'Keys waiting.',
    labelNames: ['name', 'controller', 'priority'],
    registers: [registry],
    collect() {
      for (const [name, read] of queues) {
        const { depth, unfinishedWorkSeconds, longestRunningSeconds } = read()
        for (const [priority, keys] of Object.entries(depth)) this.labels(name, name, priority).set(keys)
        unfinished.labels(name, name).set(unfinishedWorkSeconds)
        longest.labels(name, name).set(longestRunningSeconds)
      }
    },
  })
  return {
    queueObserver: (name) => {
      for (const one of [adds, retries]) one.labels(name, name).inc(0)
      return {
        added: () => adds.labels(name, name).inc(),
        retried: () => retries.labels(name, name).inc(),
        waited: (ms) => waited.labels(name, name).observe(ms / 1000),
        worked: (ms) => worked.labels(name, name).observe(ms / 1000),
      }
    },
    watchQueue: (name, gauges) => {
      queues.set(name, gauges)
    },
  }
}

function outsideMetrics(
  counter: MakeCounter,
  gauge: MakeGauge,
  seconds: MakeHistogram,
): Pick<Metrics, 'kubernetesCalls' | 'listWatch' | 'twilioCalls'> {
  const kube = counter('rest_client_requests_total', 'Requests to the API server.', 'code', 'method', 'host')
  const kubeTime = seconds('rest_client_request_duration_seconds', 'Their duration.', 'verb', 'host')
  const heard = gauge(
    'kube_watch_last_event_timestamp_seconds',
    'When a list-watch last heard something.',
    'resource',
  )
  const restarts = counter(
    'kube_watch_restarts_total',
    'Watches begun again; `ended` is the orderly end.',
    'resource',
    'reason',
  )
  const calls = counter('twilio_api_requests_total', 'Requests to Twilio.', 'account', 'operation', 'code')
  const errors = counter(
    'twilio_api_errors_total',
    'Error codes that Twilio answered.',
    'operation',
    'twilio_code',
  )
  const time = seconds('twilio_api_request_duration_seconds', 'Duration of requests to Twilio.', 'operation')
  const throttled = counter(
    'twilio_api_throttled_total',
    'Requests that Twilio found too many (429).',
    'account',
  )
  return {
    kubernetesCalls: ({ method, host, code, ms }) => {
      kube.labels(code, method, host).inc()
      kubeTime.labels(method, host).observe(ms / 1000)
    },
    listWatch: (resource) => ({
      heard: () => heard.labels(resource).setToCurrentTime(),
      restarted: (reason) => restarts.labels(resource, reason).inc(),
    }),
    twilioCalls: (call) => {
      calls
        .labels(call.account, call.operation, call.status === undefined ? 'none' : String(call.status))
        .inc()
      time.labels(call.operation).observe(call.durationMs / 1000)
      if (call.code !== undefined) errors.labels(call.operation, String(call.code)).inc()
      throttled.labels(call.account).inc(call.throttled ? 1 : 0)
    },
  }
}

function passMetrics(counter: MakeCounter): Pick<Metrics, 'passed' | 'statusWritten'> {
  const writes = counter('twilio_operator_status_writes_total', 'Status writes to Sinks.', 'result')
  for (const result of ['written', 'skipped', 'conflict']) writes.labels(result).inc(0)
  const creates = counter('twilio_sink_create_outcomes_total', 'How creates ended.', 'outcome')
  for (const outcome of ['created', 'adopted', 'unknown', 'ambiguous', 'refused'])
    creates.labels(outcome).inc(0)
  const drift = counter('twilio_sink_drift_total', 'Descriptions that differed at Twilio.', 'action')
  for (const action of ['corrected', 'not_sticking']) drift.labels(action).inc(0)
  return {
    statusWritten: (result) => writes.labels(result).inc(),
    passed: (report) => {
      const outcome = createOutcome(report)
      if (outcome !== undefined) creates.labels(outcome).inc()
      if (report.outcome === 'updated') drift.labels('corrected').inc()
      if (report.state === 'NotSticking' && report.status !== undefined) drift.labels('not_sticking').inc()
    },
  }
}

function createOutcome({ outcome, effect, state, status }: Report): string | undefined {
  if (outcome === 'created') return 'created'
  if (effect === 'record') return 'adopted'
  if (status === undefined) return undefined
  if (state === 'InDoubt') return 'unknown'
  if (state === 'Ambiguous') return 'ambiguous'
  return state === 'Refused' ? 'refused' : undefined
}

export type { AccountFact, SinkFact } from './metrics-facts.ts'
