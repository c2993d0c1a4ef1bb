import { KeyedLock } from '../../../src/controller/keys.ts'
import { WatchedStore } from '../../../src/kubernetes/cache/object-store.ts'
import { createClusterReader } from '../../../src/kubernetes/cluster-reader.ts'
import { SendingEventRecorder } from '../../../src/kubernetes/events/event-recorder.ts'
import { ACCOUNTS, SINKS } from '../../../src/kubernetes/kinds.ts'
import { fieldManagerOf } from '../../../src/api/group.ts'
import { createLogger } from '../../../src/observability/logger.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { createControllers, createReconcileLog, groupOf } from '../../../src/operator/controllers.ts'
import { enqueueAll, registerEventHandlers } from '../../../src/operator/event-handlers.ts'
import { OPERATOR_OPTIONS } from '../../../src/options/options.ts'
import { readOptions } from '../../../src/options/read-options.ts'
import { reconcileAccount } from '../../../src/reconciler/account-reconciler.ts'
import { createContext, type ReconcileContext, type Settings } from '../../../src/reconciler/context.ts'
import { reconcileSink } from '../../../src/reconciler/sink-reconciler.ts'
import { Slots } from '../../../src/time/slots.ts'
import type { CountingApiServer } from './api-server.ts'
import type { SimulatedTime } from './simulated-time.ts'
import type { CountingTwilio } from './twilio.ts'

export interface Surroundings {
  readonly time: SimulatedTime
  readonly server: CountingApiServer
  readonly twilio: CountingTwilio
}

export interface RunningOperator {
  /** Each line as JSON. */
  readonly log: readonly string[]
  stop(): void
}

const read = readOptions(OPERATOR_OPTIONS, [], {})
if (read.ok !== true) throw new Error('The defaults of the options are not valid')
const OPTIONS = read.options

/** The operator as it is put together, with its default options, but for connections and leader election. */
export function operatorIn(outside: Surroundings, namespace = 'team-a'): RunningOperator {
  const { server, time } = outside
  const log: string[] = []
  const logger = createLogger({ level: 'info', destination: { write: (line) => void log.push(line) } })
  const metrics = createMetrics({ version: '1.0.0', nodeVersion: 'v24.0.0' })
  const stop = new AbortController()
  const shared = {
    ...{
      connection: server,
      watching: { connection: server, lists: new Slots(8) },
      clock: time,
      random: () => 0,
      log: logger,
      namespaces: [],
    },
    fieldManager: fieldManagerOf(namespace),
  }
  const stores = {
    sinks: new WatchedStore({ ...shared, ...SINKS }),
    accounts: new WatchedStore({ ...shared, ...ACCOUNTS }),
  }
  const controllers = createControllers(OPTIONS, {
    ...{ metrics, log: logger, groupOf: (key) => groupOf(context, key) },
    time: { clock: time, timers: time, random: () => 0 },
  })
  const reporter = { controller: 'test', instance: namespace, apiVersion: 'v1' }
  const events = new SendingEventRecorder({ connection: server, clock: time, random: () => 0, reporter })
  const locks = new KeyedLock()
  const context: ReconcileContext = createContext({
    ...stores,
    cluster: createClusterReader(server, SINKS.resource),
    crds: { assertComplete: async () => undefined, fieldDropped: () => undefined },
    events,
    leadership: { mayMutate: () => true },
    connectTwilio: outside.twilio.connect,
    clock: time,
    random: () => 0,
    serialise: (key, work) => locks.run(key, work),
    pause: (ms) => time.pause(ms),
    enqueue: {
      sink: (key) => controllers.sinks.queue.add(key, 'low'),
      account: (name) => controllers.accounts.queue.add(name, 'high'),
    },
    observer: createReconcileLog(logger, metrics),
    settings: settingsOf(time, namespace),
  })
  const hooks = { isLeading: () => true, competitorSeen: () => undefined, accountGone: () => undefined }
  registerEventHandlers(context, stores, controllers, hooks)
  for (const store of Object.values(stores)) void store.start(stop.signal)
  void time.pause(1_000).then(() => {
    enqueueAll(stores, controllers)
    void controllers.sinks.run((key) => reconcileSink(context, key), stop.signal)
    void controllers.accounts.run((name) => reconcileAccount(context, name), stop.signal)
  })
  return { log, stop: () => stop.abort() }
}

function settingsOf(time: SimulatedTime, namespace: string): Settings {
  const since = time.monotonic()
  return {
    installationId: namespace,
    poll: OPTIONS.pollInterval,
    settlingPoll: OPTIONS.settlingPollInterval,
    settle: OPTIONS.settleTime,
    callTimeout: OPTIONS.callTimeout,
    operatorNamespace: namespace,
    accountNamespaces: [],
    unreadNamespaces: () => [],
    watchesAll: true,
    defaultAccount: undefined,
    leadingSince: () => since,
  }
}
