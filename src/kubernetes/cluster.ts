import { API_VERSION, GROUP, API_GROUP_VERSION } from '../api/group.ts'
import { parseSink, type Sink } from '../api/sink.ts'
import { parseTwilioAccount, type TwilioAccount } from '../api/twilio-account.ts'
import type { ClusterReader } from '../reconciler/ports.ts'
import type { Clock } from '../time/clock.ts'
import { createAccountInstaller, type AccountInstaller } from './account-installer.ts'
import { createClusterReader, readInstallationId, readPublishedSchema } from './cluster-reader.ts'
import { createConnection, type CallObserver } from './client/connection.ts'
import { createEventRecorder, type EventLoss, type SendingEventRecorder } from './events/event-recorder.ts'
import { kubeconfigCredentials, type KubeconfigPlace } from './client/kubeconfig.ts'
import { createLeaseClient, type LeaseClient, type LeasePlace } from './lease.ts'
import type { ListWatchObserver } from './cache/list-watch.ts'
import type { Log } from './client/log.ts'
import { createObjectStore, type WatchedStore } from './cache/object-store.ts'

export interface ClusterOptions {
  readonly kubeconfig: KubeconfigPlace
  /** None: all. */
  readonly sinkNamespaces: readonly string[]
  readonly accountNamespaces: readonly string[]
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly requireSecretLabel: boolean
  readonly version: string
  /** Name of the Pod, for events. */
  readonly instance: string
  readonly observeCall: CallObserver
  readonly observeWatch: (resource: string) => ListWatchObserver
  readonly eventDropped: (reason: EventLoss) => void
}

/** The whole of one API server, as the operator uses it. */
export interface Cluster {
  readonly sinks: WatchedStore<Sink>
  readonly accounts: WatchedStore<TwilioAccount>
  readonly reader: ClusterReader
  readonly events: SendingEventRecorder
  readonly accountInstaller: AccountInstaller
  /** Rejects with a `KubernetesFailure`. */
  installationId(ownNamespace: string): Promise<string>
  /** The schemas of both kinds, see `readPublishedSchema`. */
  publishedSchema(): ReturnType<typeof readPublishedSchema>
  lease(place: LeasePlace): LeaseClient
  close(): Promise<void>
}

const SINKS = { group: GROUP, version: API_GROUP_VERSION, plural: 'sinks' }
/** One for the watch, one for requests, one more while a request that was given up still ends. */
const LEASE_CONNECTIONS = 3
const ACCOUNTS = { group: GROUP, version: API_GROUP_VERSION, plural: 'twilioaccounts' }

/** Rejects with one clear sentence when there is no usable kubeconfig; connects to nothing yet. */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { clock, random, log, version } = options
  const credentials = kubeconfigCredentials(options.kubeconfig, options.clock)
  await credentials.read(false)
  const userAgent = `twilio-sink-operator/${version}`
  const peer = { credentials, clock, random, userAgent, observer: options.observeCall }
  const connection = createConnection(peer)
  // Of its own, so that renewals neither wait behind the work nor go over a connection that is long dead.
  const leaseConnection = createConnection({ ...peer, connections: LEASE_CONNECTIONS })
  const shared = { connection, clock, random, log }
  return {
    sinks: createObjectStore({
      ...shared,
      resource: SINKS,
      namespaces: options.sinkNamespaces,
      observer: options.observeWatch('sinks'),
      parse: parseSink,
    }),
    accounts: createObjectStore({
      ...shared,
      resource: ACCOUNTS,
      namespaces: options.accountNamespaces,
      observer: options.observeWatch('twilioaccounts'),
      parse: parseTwilioAccount,
    }),
    reader: createClusterReader(connection, SINKS, options),
    events: createEventRecorder({
      connection,
      clock,
      random,
      reporter: { controller: `${GROUP}/sink-operator`, instance: options.instance, apiVersion: API_VERSION },
      dropped: options.eventDropped,
    }),
    accountInstaller: createAccountInstaller(connection, ACCOUNTS),
    installationId: (ownNamespace) => readInstallationId(connection, ownNamespace),
    publishedSchema: () => readPublishedSchema(connection, API_VERSION),
    lease: (place) => createLeaseClient(leaseConnection, place),
    close: async () => {
      await Promise.all([connection.close(), leaseConnection.close()])
    },
  }
}
