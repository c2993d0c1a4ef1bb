import { API_VERSION, GROUP } from '../api/group.ts'
import type { Sink } from '../api/sink.ts'
import type { TwilioAccount } from '../api/twilio-account.ts'
import type { LeaseStore } from '../leader-election/lease.ts'
import { type ClusterReader, KubernetesFailure } from '../reconciler/ports.ts'
import type { Clock } from '../time/clock.ts'
import { createClusterReader, readInstallationId, readPublishedSchema } from './cluster-reader.ts'
import { Connection, type CallObserver } from './client/connection.ts'
import { SendingEventRecorder, type EventLoss } from './events/event-recorder.ts'
import { kubeconfigCredentials, type KubeconfigPlace } from './client/kubeconfig.ts'
import { ACCOUNTS, SINKS } from './kinds.ts'
import { LeaseClient, type LeasePlace } from './lease.ts'
import type { ListWatchObserver, Log } from './cache/list-watch.ts'
import { WatchedStore } from './cache/object-store.ts'
import { isDeepStrictEqual } from 'node:util'
import { FIELD_MANAGER, resourcePath, type Resource } from './client/call.ts'
import { orAbsent } from './client/failure.ts'
import { valueAt } from './client/json-value.ts'

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
  /** Under which its writes to Sinks and TwilioAccounts are recorded. */
  readonly fieldManager: string
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
  lease(place: LeasePlace): LeaseStore
  close(): Promise<void>
}

/** One for the watch, one for requests, one more while a request that was given up still ends. */
const LEASE_CONNECTIONS = 3

/** Rejects with one clear sentence when there is no usable kubeconfig; connects to nothing yet. */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { clock, random, log, version, fieldManager } = options
  const credentials = kubeconfigCredentials(options.kubeconfig, options.clock)
  await credentials.read(false)
  const userAgent = `twilio-sink-operator/${version}`
  const peer = { credentials, clock, random, userAgent, observer: options.observeCall }
  const connection = new Connection(peer)
  // Of its own, so that renewals neither wait behind the work nor go over a connection that is long dead.
  const leaseConnection = new Connection({ ...peer, connections: LEASE_CONNECTIONS })
  const shared = { connection, clock, random, log, fieldManager }
  return {
    sinks: new WatchedStore({
      ...shared,
      ...SINKS,
      namespaces: options.sinkNamespaces,
      observer: options.observeWatch(SINKS.resource.plural),
    }),
    accounts: new WatchedStore({
      ...shared,
      ...ACCOUNTS,
      namespaces: options.accountNamespaces,
      observer: options.observeWatch(ACCOUNTS.resource.plural),
    }),
    reader: createClusterReader(connection, SINKS.resource, options),
    events: new SendingEventRecorder({
      connection,
      clock,
      random,
      reporter: { controller: `${GROUP}/sink-operator`, instance: options.instance, apiVersion: API_VERSION },
      dropped: options.eventDropped,
    }),
    accountInstaller: createAccountInstaller(connection, ACCOUNTS.resource),
    installationId: (ownNamespace) => readInstallationId(connection, ownNamespace),
    publishedSchema: () => readPublishedSchema(connection, API_VERSION),
    lease: (place) => new LeaseClient(leaseConnection, place),
    close: async () => {
      await Promise.all([connection.close(), leaseConnection.close()])
    },
  }
}

/** A whole object as YAML would have it, without what the API server adds. */
export interface NewObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly spec: Readonly<Record<string, unknown>>
}

export type Installed =
  | { readonly outcome: 'applied' }
  /** `differs`: the fields of the wanted spec that it has otherwise, such as `spec.imports`. */
  | { readonly outcome: 'exists'; readonly differs: readonly string[] }

/** Puts the default account there at the start. */
export interface AccountInstaller {
  /**
   * Applies `account` unless one of that name exists, which is left as it is: a person has made it. Replicas that start
   * together may all apply it. Rejects with a `KubernetesFailure`.
   */
  install(account: NewObject): Promise<Installed>
}

export function createAccountInstaller(connection: Connection, accounts: Resource): AccountInstaller {
  return {
    install: async (account) => {
      const path = resourcePath(accounts, account.metadata.namespace, account.metadata.name)
      const look = (): Promise<unknown> => orAbsent(connection.request({ method: 'GET', path }))
      const before = await look()
      if (before !== undefined) return exists(account, before)
      try {
        const contentType = 'application/apply-patch+yaml'
        await connection.request({ method: 'PATCH', path, query: FIELD_MANAGER, body: account, contentType })
        return { outcome: 'applied' }
      } catch (error) {
        // Somebody else's fields differ: it has come into being meanwhile.
        if (error instanceof KubernetesFailure && error.kind === 'conflict')
          return exists(account, await look())
        throw error
      }
    },
  }
}

function exists({ spec }: NewObject, present: unknown): Installed {
  const differs = Object.entries(spec)
    .filter(([field, wanted]) => !isDeepStrictEqual(valueAt(present, 'spec', field), wanted))
    .map(([field]) => `spec.${field}`)
  return { outcome: 'exists', differs }
}
