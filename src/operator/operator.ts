import { fieldManagerOf } from '../api/group.ts'
import { pause, systemClock, systemTimers } from '../time/clock.ts'
import type { Elector } from '../leader-election/elector.ts'
import { KeyedLock } from '../controller/keys.ts'
import { withoutWorker } from '../controller/workers.ts'
import { inventoryOf } from './inventory.ts'
import { CrdCheck } from './crd-check.ts'
import { createReconcileLog, createControllers, groupOf, type Controllers } from './controllers.ts'
import { serveEndpoints, notReadyReason, type Readiness } from './health.ts'
import { registerEventHandlers, enqueueAll, reportCompetingInstallations } from './event-handlers.ts'
import { createCluster, type Cluster } from '../kubernetes/cluster.ts'
import { environmentProxy } from '../network/environment-proxy.ts'
import { runAsLeader, createLeadership } from './leadership.ts'
import type { Logger } from '../observability/logger.ts'
import { createMetrics, type Metrics } from '../observability/metrics.ts'
import type { Options } from '../options/options.ts'
import { reconcileAccount } from '../reconciler/account-reconciler.ts'
import { createContext, type ReconcileContext } from '../reconciler/context.ts'
import { reconcileSink } from '../reconciler/sink-reconciler.ts'
import { accountNamespacesOf, installDefaultAccount, retryUntil, settingsOf, synced } from './start-up.ts'
import { describeEnd } from '../twilio/call-observer.ts'
import { createTwilio, type Twilio } from '../twilio/client.ts'

/** Everything that is put together here: the only place that sees both Kubernetes and Twilio. */
export interface OperatorOptions {
  readonly options: Options
  readonly log: Logger
  readonly version: string
  readonly podName: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** How long events may take after the last reconcile; milliseconds. */
const LAST_EVENTS = 2_000

/** Runs until `stop`, then ends the running reconciles. Rejects when it can never work: no kubeconfig, a port in use. */
export async function runOperator(given: OperatorOptions, stop: AbortSignal): Promise<void> {
  const { options, log, version } = given
  const metrics = createMetrics({ version, nodeVersion: process.version })
  const cluster = await connect(given, metrics)
  const elector = createLeadership({ ...given, metrics, cluster })
  const readiness: Readiness = { synced: false, leadingSince: undefined }
  const crdCheck = new CrdCheck({
    read: () => cluster.publishedSchema(),
    clock: systemClock,
    log,
    looked: (missing) => metrics.missingFields(missing),
    stop,
  })
  const servers = await serveEndpoints(options, metrics, {
    unready: () => notReadyReason(readiness, crdCheck, [stop, elector.lost]),
    overdue: () => elector.isOverdue(),
  })
  try {
    const installationId =
      options.installationId ??
      (await retryUntil('installation id', () => cluster.installationId(options.namespace), log, stop))
    if (installationId === undefined) return
    await reconcile({ ...given, metrics, cluster, elector, installationId, crdCheck, readiness }, stop)
  } finally {
    await cluster.close()
    await Promise.all(servers.map((server) => server.stop()))
  }
}

interface Running extends OperatorOptions {
  readonly metrics: Metrics
  readonly cluster: Cluster
  readonly elector: Elector
  readonly installationId: string
  readonly crdCheck: CrdCheck
  readonly readiness: Readiness
}

async function reconcile(given: Running, stop: AbortSignal): Promise<void> {
  const { options, log, metrics, cluster, elector, crdCheck, readiness } = given
  const twilio = connectTwilio(given)
  const controllers = createControllers(options, {
    ...{ metrics, log, groupOf: (key) => groupOf(context, key) },
    time: { clock: systemClock, timers: systemTimers, random: Math.random },
  })
  const context = contextOf(given, twilio, controllers, stop)
  const isLeading = (): boolean => readiness.leadingSince !== undefined
  metrics.collectFrom(inventoryOf(context, isLeading, twilio))
  registerEventHandlers(context, cluster, controllers, {
    isLeading,
    competitorSeen: reportCompetingInstallations(log, metrics),
    accountGone: (name) => metrics.accountGone(name),
  })
  // The caches outlive the reconciles, which write to them until they have ended.
  const watching = new AbortController()
  const watches = Promise.all([cluster.sinks.start(watching.signal), cluster.accounts.start(watching.signal)])
  try {
    await Promise.all([synced(cluster, log, stop), crdCheck.complete()])
    readiness.synced = true
    // Only now, so that a leader can act at once: until then another process is the better leader.
    if (await elector.campaign(stop)) await reconcileAsLeader(given, { twilio, controllers, context }, stop)
  } finally {
    watching.abort()
  }
  await watches
  log.info({}, 'Ended')
}

interface Parts {
  readonly twilio: Twilio
  readonly controllers: Controllers
  readonly context: ReconcileContext
}

async function reconcileAsLeader(
  given: Running,
  { twilio, controllers, context }: Parts,
  stop: AbortSignal,
): Promise<void> {
  const { options, log, metrics, cluster, elector, installationId, crdCheck, readiness } = given
  readiness.leadingSince = systemClock.monotonic()
  metrics.leading(true)
  elector.lost.addEventListener('abort', () => metrics.leading(false), { once: true })
  log.info({ version: given.version, installationId, twilio: options.twilioBaseUrl }, 'Reconciling')
  enqueueAll(cluster, controllers)
  crdCheck.onFixed(() => enqueueAll(cluster, controllers))
  const run = async (ended: AbortSignal): Promise<boolean> => {
    void retryUntil('default account', () => installDefaultAccount(cluster, options, log), log, ended)
    const allEnded = await Promise.all([
      controllers.sinks.run((key) => reconcileSink(context, key), ended),
      controllers.accounts.run((name) => reconcileAccount(context, name), ended),
    ])
    return !allEnded.includes(false)
  }
  const flushEvents = (): Promise<void> => cluster.events.flush(LAST_EVENTS)
  await runAsLeader(
    elector,
    { run, endReads: () => twilio.endReads(), closeTwilio: () => twilio.close(), flushEvents },
    stop,
  )
}

function connect(
  { options, log, version, podName, environment }: OperatorOptions,
  metrics: Metrics,
): Promise<Cluster> {
  return createCluster({
    kubeconfig: { path: options.kubeconfig, environment },
    sinkNamespaces: options.watchNamespaces,
    accountNamespaces: accountNamespacesOf(options),
    clock: systemClock,
    random: Math.random,
    log,
    requireSecretLabel: options.requireSecretLabel,
    version,
    fieldManager: fieldManagerOf(options.namespace),
    instance: podName,
    observeCall: metrics.kubernetesCalls,
    observeWatch: (resource) => metrics.listWatch(resource),
    eventDropped: (reason) => log.debug({ reason }, 'An event was dropped'),
  })
}

function connectTwilio({ options, log, version, metrics, cluster, elector, environment }: Running): Twilio {
  const proxy = environmentProxy(environment, new URL(options.twilioBaseUrl))
  if (proxy !== undefined) log.info({ proxy: proxy.host }, 'Twilio is called through a proxy')
  return createTwilio({
    baseUrl: options.twilioBaseUrl,
    proxy,
    callTimeoutMs: options.callTimeout,
    maxCallsPerAccount: options.maxCallsPerAccount,
    version,
    clock: systemClock,
    random: Math.random,
    mayMutate: () => elector.mayMutate(),
    whileWaiting: withoutWorker,
    observe: (call) => {
      // Its series would be the last trace of an account that went while it called.
      if (cluster.accounts.get(call.account) !== undefined) metrics.twilioCalls(call)
      log.debug({ ...call }, describeEnd(call))
    },
  })
}

function contextOf(
  given: Running,
  twilio: Twilio,
  controllers: Controllers,
  stop: AbortSignal,
): ReconcileContext {
  const { cluster } = given
  const locks = new KeyedLock()
  return createContext({
    sinks: cluster.sinks,
    accounts: cluster.accounts,
    cluster: cluster.reader,
    crds: given.crdCheck,
    events: cluster.events,
    leadership: given.elector,
    connectTwilio: twilio.connect,
    clock: systemClock,
    random: Math.random,
    serialise: (key, work) => locks.run(key, work),
    pause: (ms) => withoutWorker(() => pause(ms, stop)),
    enqueue: {
      sink: (key) => controllers.sinks.queue.add(key, 'low'),
      account: (name) => controllers.accounts.queue.add(name, 'high'),
    },
    observer: createReconcileLog(given.log, given.metrics),
    settings: settingsOf(given),
  })
}
