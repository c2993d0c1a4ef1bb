import { API_VERSION, GROUP } from '../api/group.ts'
import type { Sink } from '../api/sink.ts'
import type { TwilioAccount } from '../api/twilio-account.ts'
import type { LeaseStore } from '../leader-election/lease.ts'
import { type ClusterReader, KubernetesFailure, type KubernetesFailureKind } from '../reconciler/ports.ts'
import type { Clock } from '../time/clock.ts'
import { Slots } from '../time/slots.ts'
import { createClusterReader, readInstallationId, readPublishedSchema } from './cluster-reader.ts'
import { Connection, type CallObserver } from './client/connection.ts'
import { SendingEventRecorder, type EventLoss } from './events/event-recorder.ts'
import { kubeconfigCredentials } from './client/kubeconfig.ts'
import type { KubeconfigPlace } from './client/kubeconfig-files.ts'
import { ACCOUNTS, SINKS, type ServedKind } from './kinds.ts'
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

/** LISTs at a time, of all namespaces: at a start, and when all watches break at once. */
const LISTS_AT_ONCE = 8

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
  // Of their own, too: two for each watched namespace, which would leave none for reads and writes.
  const watchConnection = new Connection({ ...peer, connections: listWatchesOf(options) })
  const watching = { connection: watchConnection, lists: new Slots(LISTS_AT_ONCE) }
  const store = <T>(kind: ServedKind<T>, namespaces: readonly string[]): WatchedStore<T> => {
    const observer = options.observeWatch(kind.resource.plural)
    const shared = { connection, watching, clock, random, log, fieldManager }
    return new WatchedStore({ ...shared, ...kind, namespaces, observer })
  }
  return {
    sinks: store(SINKS, options.sinkNamespaces),
    accounts: store(ACCOUNTS, options.accountNamespaces),
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
      await Promise.all([connection, watchConnection, leaseConnection].map((one) => one.close()))
    },
  }
}

/** Each asks for one thing at a time. */
const listWatchesOf = ({ sinkNamespaces, accountNamespaces }: ClusterOptions): number =>
  Math.max(1, sinkNamespaces.length) + Math.max(1, accountNamespaces.length)

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
  /**
   * Sets one field of the spec of an account that exists, where nobody but the operator has set it. False: somebody has, or
   * the API server refuses it, and the account is as it was. Rejects with a `KubernetesFailure`.
   */
  change(account: NewObject, field: string): Promise<boolean>
}

export function createAccountInstaller(connection: Connection, accounts: Resource): AccountInstaller {
  const pathOf = ({ metadata }: NewObject): string =>
    resourcePath(accounts, metadata.namespace, metadata.name)
  const look = (account: NewObject): Promise<unknown> =>
    orAbsent(connection.request({ method: 'GET', path: pathOf(account) }))
  /** Without force: a field that somebody else has set is a conflict. */
  const apply = (account: NewObject): Promise<unknown> => {
    const contentType = 'application/apply-patch+yaml'
    const path = pathOf(account)
    return connection.request({ method: 'PATCH', path, query: FIELD_MANAGER, body: account, contentType })
  }
  return {
    install: async (account) => {
      const before = await look(account)
      if (before !== undefined) return exists(account, before)
      try {
        await apply(account)
        return { outcome: 'applied' }
      } catch (error) {
        // Somebody else's fields differ: it has come into being meanwhile.
        if (error instanceof KubernetesFailure && error.kind === 'conflict')
          return exists(account, await look(account))
        throw error
      }
    },
    change: async (account, field) => {
      const present = await look(account)
      if (present === undefined) return false
      try {
        await apply({ ...account, spec: changedSpec(account, present, field) })
        return true
      } catch (error) {
        if (error instanceof KubernetesFailure && NOT_TAKEN.includes(error.kind)) return false
        throw error
      }
    },
  }
}

const NOT_TAKEN: readonly KubernetesFailureKind[] = ['conflict', 'invalid', 'forbidden']

/** All fields that the operator has applied before, as they are now: an apply takes out what it leaves out. */
function changedSpec({ spec }: NewObject, present: unknown, field: string): NewObject['spec'] {
  const kept = Object.keys(spec).map((name) => [name, valueAt(present, 'spec', name)] as const)
  const known = kept.filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(known), [field]: spec[field] }
}

function exists({ spec }: NewObject, present: unknown): Installed {
  const differs = Object.entries(spec)
    .filter(([field, wanted]) => !isDeepStrictEqual(valueAt(present, 'spec', field), wanted))
    .map(([field]) => `spec.${field}`)
  return { outcome: 'exists', differs }
}
