import type { ControllerObserver, ResultLabel } from '../controller/controller.ts'
import type { QueueGauges, QueueObserver } from '../controller/work-queue.ts'
import type { Instruments } from './instruments.ts'

/** What controllers and their queues do, under the names of controller-runtime, so that its dashboards fit. */
export interface ControllerMetrics {
  /** `concurrency`: how many reconciles may run at a time. */
  controllerObserver(name: string, concurrency: number): ControllerObserver
  queueObserver(name: string): QueueObserver
  /** `gauges` is asked at every scrape. */
  watchQueue(name: string, gauges: () => QueueGauges): void
}

const RESULTS: readonly ResultLabel[] = ['success', 'error', 'requeue', 'requeue_after']

export function createControllerMetrics(make: Instruments): ControllerMetrics {
  return { controllerObserver: reconcileMetrics(make), ...queueMetrics(make), watchQueue: queueGauges(make) }
}

function reconcileMetrics(make: Instruments): ControllerMetrics['controllerObserver'] {
  const { total, errors, panics, overdue, time, active, most } = reconcileInstruments(make)
  return (name, concurrency) => {
    most.labels(name).set(concurrency)
    active.labels(name).set(0)
    time.zero({ controller: name })
    for (const result of RESULTS) total.labels(name, result).inc(0)
    for (const one of [errors, panics, overdue]) one.labels(name).inc(0)
    return {
      workersBusy: (busy) => active.labels(name).set(busy),
      reconcileEnded: (_key, result, ms) => {
        total.labels(name, result).inc()
        if (result === 'error') errors.labels(name).inc()
        time.labels(name).observe(ms / 1000)
      },
      reconcileThrew: () => panics.labels(name).inc(),
      reconcileOverdue: () => overdue.labels(name).inc(),
    }
  }
}

function reconcileInstruments(make: Instruments) {
  const counter = (name: string, help: string, ...more: string[]) =>
    make.counter(`controller_runtime_reconcile_${name}`, help, 'controller', ...more)
  const gauge = (name: string, help: string) => make.gauge(`controller_runtime_${name}`, help, 'controller')
  return {
    total: counter('total', 'Reconciliations.', 'result'),
    errors: counter('errors_total', 'Reconciliations that ended with an error and are retried.'),
    panics: counter(
      'panics_total',
      'Reconciliations that threw an unexpected error, which is a bug in the operator.',
    ),
    overdue: counter(
      'timeouts_total',
      'Reconciliations that took longer than allowed; they were not aborted.',
    ),
    time: make.durations(
      'controller_runtime_reconcile_time_seconds',
      'Duration of reconciliations.',
      'controller',
    ),
    active: gauge(
      'active_workers',
      'Reconciliations that are running and do not wait for a limit of Twilio or for each other.',
    ),
    most: gauge(
      'max_concurrent_reconciles',
      'Reconciliations that may run at the same time, without those that wait.',
    ),
  }
}

/** controller-runtime has both labels, with the same value. */
const NAMES = ['name', 'controller'] as const

function queueMetrics(make: Instruments): Pick<ControllerMetrics, 'queueObserver'> {
  const adds = make.counter('workqueue_adds_total', 'Keys added to the queue.', ...NAMES)
  const retries = make.counter(
    'workqueue_retries_total',
    'Keys added to the queue again after a failure.',
    ...NAMES,
  )
  const waited = make.durations(
    'workqueue_queue_duration_seconds',
    'How long keys waited in the queue.',
    ...NAMES,
  )
  const worked = make.durations(
    'workqueue_work_duration_seconds',
    'How long the processing of keys took.',
    ...NAMES,
  )
  return {
    queueObserver: (name) => {
      for (const one of [adds, retries]) one.labels(name, name).inc(0)
      for (const one of [waited, worked]) one.zero({ name, controller: name })
      return {
        added: () => adds.labels(name, name).inc(),
        retried: () => retries.labels(name, name).inc(),
        waited: (ms) => waited.labels(name, name).observe(ms / 1000),
        worked: (ms) => worked.labels(name, name).observe(ms / 1000),
      }
    },
  }
}

function queueGauges(make: Instruments): ControllerMetrics['watchQueue'] {
  const depth = make.gauge('workqueue_depth', 'Keys that wait in the queue.', ...NAMES, 'priority')
  const unfinished = make.gauge(
    'workqueue_unfinished_work_seconds',
    'Sum of the ages of all running reconciliations.',
    ...NAMES,
  )
  const longest = make.gauge(
    'workqueue_longest_running_processor_seconds',
    'Age of the oldest running reconciliation.',
    ...NAMES,
  )
  return (name, gauges) => {
    make.beforeScrape(() => {
      const now = gauges()
      for (const [priority, keys] of Object.entries(now.depth)) depth.labels(name, name, priority).set(keys)
      unfinished.labels(name, name).set(now.unfinishedWorkSeconds)
      longest.labels(name, name).set(now.longestRunningSeconds)
    })
  }
}
