import { type LastSeen, createLastSeen } from '../account/last-seen.ts'
import { type Witnesses, createWitnesses } from '../account/witnesses.ts'
import type { Sink } from '../api/sink.ts'
import type { TwilioAccount } from '../api/twilio-account.ts'
import type { Report } from '../sink/report/report.ts'
import { type AccountRegistry, createAccountRegistry } from './memory/account-registry.ts'
import { NameRecords } from './memory/name-records.ts'
import type {
  ClusterReader,
  ConnectTwilio,
  StoredFieldsCheck,
  EventRecorder,
  Leadership,
  ObjectKey,
  ObjectStore,
} from './ports.ts'
import { Repetitions } from './memory/repetitions.ts'
import type { Clock } from '../time/clock.ts'
import { type SinkIndex, createSinkIndex } from './memory/sink-index.ts'

/** The ports and settings that the composition hands in. */
export interface Ports {
  readonly sinks: ObjectStore<Sink>
  readonly accounts: ObjectStore<TwilioAccount>
  readonly cluster: ClusterReader
  readonly crds: StoredFieldsCheck
  readonly events: EventRecorder
  readonly leadership: Leadership
  readonly connectTwilio: ConnectTwilio
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  /** Runs work one after the other per key. */
  readonly serialise: <T>(key: string, work: () => Promise<T>) => Promise<T>
  /** Resolves after `ms`, or at once when the process is asked to stop. */
  readonly pause: (ms: number) => Promise<void>
  readonly enqueue: Enqueue
  readonly observer: ReconcileObserver
  readonly settings: Settings
}

export interface Enqueue {
  sink(key: ObjectKey): void
  account(name: ObjectKey): void
}

/** Called for each reconcile, for metrics and the audit log. MUST NOT throw. */
export interface ReconcileObserver {
  reconciled(report: Report, seen: SeenObject): void
  statusWritten(result: 'written' | 'skipped' | 'conflict'): void
  /** A line for the log: static message, fields without secrets. */
  log(level: 'info' | 'warn' | 'error', fields: Readonly<Record<string, unknown>>, message: string): void
}

export interface SeenObject {
  /** Of the object that the reconcile has looked at. */
  readonly resourceVersion: string
  /** This process sees the trouble that the report tells for the first time, though it may be written already. */
  readonly isNews: boolean
}

/** Milliseconds. */
export interface Settings {
  readonly installationId: string
  readonly poll: number
  readonly settlingPoll: number
  readonly settle: number
  readonly callTimeout: number
  /** Its own, where its Lease is. */
  readonly operatorNamespace: string
  /** All namespaces are watched, so that an object that is not in the cache does not exist. */
  readonly watchesAll: boolean
  /** Where TwilioAccounts are watched; none: everywhere. */
  readonly accountNamespaces: readonly string[]
  /** Watched namespaces that this process has never been able to read: there may be Sinks in them. */
  readonly unreadNamespaces: () => readonly string[]
  /** `namespace/name` of the account for Sinks that name none and have none in their namespace. */
  readonly defaultAccount: ObjectKey | undefined
  /** Monotonic; when this process began to lead. */
  readonly leadingSince: () => number
}

/** No object waits longer before it is tried again; milliseconds. */
export const longestRetry = ({ poll }: Pick<Settings, 'poll'>): number => poll

/** Ports, and what the process remembers between reconciles. */
export interface ReconcileContext extends Ports {
  readonly lastSeen: LastSeen
  readonly witnesses: Witnesses
  readonly registry: AccountRegistry
  readonly index: SinkIndex
  readonly names: NameRecords
  /** By kind and name, what was logged of an object that cannot be read, as `uid/condition/problem`. */
  readonly unreadable: Map<string, string>
  /** Writes to an object that the API server does not take. */
  readonly refusals: Repetitions
  /** What others change again of what this process writes into an object. */
  readonly contests: Repetitions
}

/** Whoever may write an object may do so under another name each time: so often another one is told; milliseconds. */
const OTHER_WRITER_AFTER = 60_000

/** An empty memory around the ports: a process that has just started knows nothing, and that is safe. */
export function createContext(ports: Ports): ReconcileContext {
  const lastSeen = createLastSeen()
  const witnesses = createWitnesses()
  return {
    ...ports,
    lastSeen,
    witnesses,
    registry: createAccountRegistry(lastSeen, witnesses),
    index: createSinkIndex(),
    names: new NameRecords(ports.settings.installationId),
    unreadable: new Map(),
    refusals: new Repetitions(2 * longestRetry(ports.settings)),
    contests: new Repetitions(2 * longestRetry(ports.settings), OTHER_WRITER_AFTER),
  }
}
