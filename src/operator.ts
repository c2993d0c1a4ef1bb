import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from './controller/clock.ts'
import { createKeyedLock } from './controller/keyed-lock.ts'
import { accountFacts, sinkFacts } from './facts.ts'
import { passObserver } from './pass-observer.ts'
import { serveEndpoints } from './endpoints.ts'
import { createCluster, type Cluster } from './kubernetes/cluster.ts'
import type { Logger } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import type { Options } from './options.ts'
import { createPasses, type Passes } from './passes.ts'
import { reconcileAccount } from './reconciler/account-reconciler.ts'
import { accountNameOf, readable } from './reconciler/account-of-sink.ts'
import { createSurroundings } from './reconciler/create-surroundings.ts'
import { accountsOf, concernsAccount, followSink, sinksConcerned } from './reconciler/follow-objects.ts'
import type { Leadership } from './reconciler/ports.ts'
import { reconcileSink } from './reconciler/sink-reconciler.ts'
import type { Settings, Surroundings } from './reconciler/surroundings.ts'
import { defaultAccountOf, installDefaultAccount, patiently, synced } from './start-up.ts'
import { createTwilio, type Twilio } from './twilio/client.ts'

/** Everything that is put together here: the only place that sees both Kubernetes and Twilio. */
export interface OperatorOptions {
  readonly options: Options
  readonly log: Logger
  readonly version: string
  readonly podName: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** One process that leads as long as it runs; an election is another implementation of the same port. */
const ALWAYS_LEADING: Leadership = { mayMutate: () => true }

/** How long events may take after the last pass; milliseconds. */
const LAST_EVENTS = 2_000

/** Runs until `stop`, then ends the passes under way. Rejects when it can never work: no kubeconfig, a port in use. */
export async function runOperator(given: OperatorOptions, stop: AbortSignal): Promise<void> {
  const { options, log, version } = given
  const metrics = createMetrics({ version, nodeVersion: process.version })
  const health = { ready: false }
  const cluster = await connect(given, metrics)
  const servers = await serveEndpoints(options, metrics, health)
  try {
    const installationId =
      options.installationId ??
      (await patiently('installation id', () => cluster.installationId(options.namespace), log, stop))
    if (installationId === undefined) return
    await reconcile({ ...given, metrics, cluster, installationId, health }, stop)
  } finally {
    await cluster.close()
    await Promise.all(servers.map((server) => server.stop()))
  }
}

interface Running extends OperatorOptions {
  readonly metrics: Metrics
  readonly cluster: Cluster
  readonly installationId: string
  readonly health: { ready: boolean }
}

async function reconcile(given: Running, stop: AbortSignal): Promise<void> {
  const { options, log, metrics, cluster, installationId, health } = given
  const twilio = talkToTwilio(given)
  const passes = {
    sinks: createPasses({
      name: 'sink',
      concurrency: options.maxConcurrentReconciles,
      longestRetry: options.pollInterval,
      groupOf: (key) => groupOf(surroundings, key),
      maxActivePerGroup: Math.max(1, Math.ceil(options.maxConcurrentReconciles / 2)),
      metrics,
      log,
    }),
    accounts: createPasses({
      name: 'twilioaccount',
      concurrency: 16,
      longestRetry: options.pollInterval,
      metrics,
      log,
    }),
  }
  const surroundings = surround(given, twilio, passes, stop)
  measure(surroundings, metrics, twilio)
  follow(surroundings, cluster, passes)
  // The caches outlive the passes, which write to them until they have ended.
  const watching = new AbortController()
  const watches = Promise.all([cluster.sinks.start(watching.signal), cluster.accounts.start(watching.signal)])
  await synced(cluster, stop)
  void patiently('default account', () => installDefaultAccount(cluster, options, log), log, stop)
  health.ready = !stop.aborted
  stop.addEventListener('abort', () => (health.ready = false), { once: true })
  if (options.leaderElect) log.warn({}, 'There is no leader election yet: run one replica')
  log.info({ version: given.version, installationId, twilio: options.twilioBaseUrl }, 'Reconciling')
  await Promise.all([
    passes.sinks.run((key) => reconcileSink(surroundings, key), stop),
    passes.accounts.run((name) => reconcileAccount(surroundings, name), stop),
  ])
  await twilio.close()
  await cluster.events.flush(LAST_EVENTS)
  watching.abort()
  await watches
  log.info({}, 'Ended')
}

function connect(
  { options, log, version, podName, environment }: OperatorOptions,
  metrics: Metrics,
): Promise<Cluster> {
  const { watchNamespaces, namespace, defaultAccount } = options
  const [defaultNamespace = namespace] = defaultAccount?.split('/') ?? []
  return createCluster({
    kubeconfig: { path: options.kubeconfig, environment },
    sinkNamespaces: watchNamespaces,
    accountNamespaces: watchNamespaces.length === 0 ? [] : [...watchNamespaces, namespace, defaultNamespace],
    clock: systemClock,
    random: Math.random,
    log,
    version,
    instance: podName,
    observeCall: metrics.kubernetesCalls,
    observeWatch: (resource) => metrics.listWatch(resource),
    eventDropped: (reason) => log.debug({ reason }, 'An event was dropped'),
  })
}

function talkToTwilio({ options, log, version, metrics }: Running): Twilio {
  return createTwilio({
    baseUrl: options.twilioBaseUrl,
    callTimeoutMs: options.callTimeout,
    maxCallsPerAccount: options.maxCallsPerAccount,
    version,
    clock: systemClock,
    random: Math.random,
    mayMutate: () => ALWAYS_LEADING.mayMutate(),
    observe: (call) => {
      metrics.twilioCalls(call)
      log.debug({ ...call }, 'Twilio answered')
    },
  })
}

interface BothPasses {
  readonly sinks: Passes
  readonly accounts: Passes
}

function surround(given: Running, twilio: Twilio, passes: BothPasses, stop: AbortSignal): Surroundings {
  const { cluster } = given
  const locks = createKeyedLock()
  return createSurroundings({
    sinks: cluster.sinks,
    accounts: cluster.accounts,
    cluster: cluster.reader,
    events: cluster.events,
    leadership: ALWAYS_LEADING,
    connectTwilio: twilio.connect,
    clock: systemClock,
    random: Math.random,
    serialise: (key, work) => locks.run(key, work),
    pause: (ms) => wait(ms, undefined, { signal: stop }).catch(() => undefined),
    wake: {
      sink: (key) => passes.sinks.queue.add(key, 'low'),
      account: (name) => passes.accounts.queue.add(name, 'high'),
    },
    observer: passObserver(given.log, given.metrics),
    settings: settingsOf(given),
  })
}

function settingsOf({ options, installationId }: Running): Settings {
  const startedAt = systemClock.monotonic()
  return {
    installationId,
    poll: options.pollInterval,
    settlingPoll: options.settlingPollInterval,
    settle: options.settleTime,
    callTimeout: options.callTimeout,
    watchesAll: options.watchNamespaces.length === 0,
    defaultAccount: defaultAccountOf(options),
    leadingSince: () => startedAt,
  }
}

function measure(s: Surroundings, metrics: Metrics, twilio: Twilio): void {
  metrics.collectFrom({
    sinks: () => sinkFacts(s),
    accounts: () => accountFacts(s),
    inFlight: () => twilio.inFlight(),
    now: () => systemClock.now(),
  })
}

/** Sinks of one account form a group, so that a slow account does not take every worker. */
function groupOf(s: Surroundings, key: string): string {
  const sink = readable(s.sinks.get(key))
  return sink === undefined ? '' : accountNameOf(sink, s.accounts, s.settings.defaultAccount)
}

/** What people do goes before what a start or a gap in the watch brings; our own writes need no pass. */
function follow(s: Surroundings, { sinks, accounts }: Cluster, passes: BothPasses): void {
  sinks.onChange((change) => {
    followSink(s, change)
    for (const name of accountsOf(s, change)) passes.accounts.queue.add(name, 'low')
    if (change.origin !== 'write') passes.sinks.queue.add(change.key, priorityOf(change.origin))
  })
  accounts.onChange((change) => {
    if (!concernsAccount(change)) return
    passes.accounts.queue.add(change.key, priorityOf(change.origin))
    for (const key of sinksConcerned(s, change.key)) passes.sinks.queue.add(key, 'low')
  })
}

const priorityOf = (origin: string): 'high' | 'low' =>
  origin === 'watch' || origin === 'read' ? 'high' : 'low'
