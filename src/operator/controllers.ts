import type { Clock, Timers } from '../time/clock.ts'
import { Controller, type ControllerObserver, type ReconcileResult } from '../controller/controller.ts'
import { WorkQueue } from '../controller/work-queue.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Options } from '../options/options.ts'
import { accountNameOf, readable } from '../reconciler/memory/account-of-sink.ts'
import type { ReconcileContext, ReconcileObserver, SeenObject } from '../reconciler/context.ts'

export interface QueuedControllerOptions {
  /** `sink` or `twilioaccount`, as metrics and logs name it. */
  readonly name: string
  readonly concurrency: number
  readonly maxActivePerGroup?: number
  readonly groupOf?: (key: string) => string
  readonly longestRetry: number
  readonly metrics: Metrics
  readonly log: Logger
  readonly time: ControllerTime
}

export interface ControllerTime {
  readonly clock: Clock
  readonly timers: Timers
  /** In [0, 1). */
  readonly random: () => number
}

export interface Controllers {
  readonly sinks: QueuedController
  readonly accounts: QueuedController
}

/**
 * Accounts have workers of their own, so that their LISTs never wait behind Sinks. Namespaces take turns: nobody waits for
 * all the accounts that one of them has.
 */
export function createControllers(
  { maxConcurrentReconciles: concurrency, pollInterval: longestRetry }: Options,
  {
    groupOf,
    ...shared
  }: Pick<QueuedControllerOptions, 'metrics' | 'log' | 'time'> &
    Required<Pick<QueuedControllerOptions, 'groupOf'>>,
): Controllers {
  const maxActivePerGroup = Math.max(1, Math.ceil(concurrency / 2))
  return {
    sinks: new QueuedController({
      ...shared,
      name: 'sink',
      concurrency,
      longestRetry,
      groupOf,
      maxActivePerGroup,
    }),
    accounts: new QueuedController({
      ...shared,
      name: 'twilioaccount',
      concurrency: ACCOUNT_WORKERS,
      longestRetry,
      groupOf: (name) => name.slice(0, name.indexOf('/')),
    }),
  }
}

const ACCOUNT_WORKERS = 16

/** Milliseconds. */
const DRAIN = 20_000
const OVERDUE = 120_000
const FIRST_RETRY = 500

/** A queue and the workers that empty it. */
export class QueuedController {
  readonly queue: WorkQueue
  readonly #options: QueuedControllerOptions
  readonly #observer: ControllerObserver

  constructor(options: QueuedControllerOptions) {
    const { name, metrics, log, longestRetry, groupOf, maxActivePerGroup, time } = options
    const queue = new WorkQueue({
      ...time,
      backoff: { firstMs: FIRST_RETRY, longestMs: longestRetry, jitter: 0.2 },
      observer: metrics.queueObserver(name),
      groupOf,
      maxActivePerGroup,
    })
    metrics.watchQueue(name, () => queue.gauges())
    this.queue = queue
    this.#options = options
    this.#observer = observerOf(metrics.controllerObserver(name, options.concurrency), name, log)
  }

  /** Works until `stop` ends, and then for as long as reconciles may take to end. Resolves to whether all have ended. */
  async run(reconcile: (key: string) => Promise<ReconcileResult>, stop: AbortSignal): Promise<boolean> {
    const { name, log, concurrency, time } = this.#options
    const controller = new Controller({
      queue: this.queue,
      reconcile,
      concurrency,
      reconcileTimeoutMs: OVERDUE,
      drainMs: DRAIN,
      ...time,
      observer: this.#observer,
    })
    const { unfinished } = await controller.start(stop)
    if (unfinished.length > 0)
      log.warn({ controller: name, unfinished }, 'Reconciles were still running at the end')
    return unfinished.length === 0
  }
}

const observerOf = (counted: ControllerObserver, name: string, log: Logger): ControllerObserver => ({
  ...counted,
  reconcileThrew: (key, error) => {
    counted.reconcileThrew?.(key, error)
    log.error({ [name]: key, err: error }, 'A reconcile failed with an unexpected error: please report this')
  },
})

/** Sinks of one account form a group, so that a slow account does not take every worker. */
export function groupOf(s: ReconcileContext, key: string): string {
  const sink = readable(s.sinks.get(key))
  return sink === undefined ? '' : accountNameOf(sink, s.accounts, s.settings.defaultAccount)
}

type Report = Parameters<ReconcileObserver['reconciled']>[0]

/** A warning where a person has to act; nothing at all, at the usual level, where all is as it was. */
function levelOf(
  { effect, status, failure, trouble }: Report,
  { isNews }: SeenObject,
): 'debug' | 'info' | 'warn' {
  const isQuiet = effect === 'none' && status === undefined && failure === undefined && !isNews
  if (isQuiet) return 'debug'
  return failure !== undefined || trouble?.stalled === true ? 'warn' : 'info'
}

/** Condition, reason and message as the object says them, so that one search finds both. */
function lineOf(report: Report, { resourceVersion }: SeenObject): Readonly<Record<string, unknown>> {
  const { status, events, failure, trouble, life, ...line } = report
  const { stalled: _, ...why } = trouble ?? {}
  return {
    ...line,
    ...why,
    resourceVersion,
    wrote: status !== undefined,
    failure: failure && { ...failure, message: failure.message },
  }
}

/** The audit line: one per reconcile that did or wrote something, or that sees a trouble for the first time. */
export function createReconcileLog(log: Logger, metrics: Metrics): ReconcileObserver {
  return {
    reconciled: (report, seen) => {
      metrics.reconciled(report, seen)
      log[levelOf(report, seen)](lineOf(report, seen), 'Reconciled')
    },
    statusWritten: (result) => metrics.statusWritten(result),
    log: (level, fields, message) => log[level](fields, message),
  }
}
