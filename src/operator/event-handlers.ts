import type { Sink } from '../api/sink.ts'
import type { TwilioAccount } from '../api/twilio-account.ts'
import type { WatchedStore } from '../kubernetes/cache/object-store.ts'
import type { Controllers } from './controllers.ts'
import {
  accountsOf,
  concernsAccount,
  concernsSink,
  recordSinkChange,
  sinksConcerned,
  sinksSetFree,
  competingOperator,
} from '../reconciler/observe/cache-changes.ts'
import { answerDelay } from '../reconciler/observe/contests.ts'
import type { ReconcileContext } from '../reconciler/context.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'

type Watched<T> = Pick<WatchedStore<T>, 'onChange' | 'onForeignChange' | 'all'>

export interface WatchedObjects {
  readonly sinks: Watched<Sink>
  readonly accounts: Watched<TwilioAccount>
}

export interface EventHandlerHooks {
  readonly isLeading: () => boolean
  /** Called for each create that an operator of another namespace has begun. */
  readonly competitorSeen: (namespace: string, sink: string) => void
  readonly accountGone: (name: string) => void
}

/**
 * Keeps memory and queues up with the caches. A process that waits to lead remembers what it sees, and queues nothing:
 * `enqueueAll` does when it begins. Changes by people have a higher priority than what a start or a gap in the watch
 * brings; our own writes need no reconcile, and neither does what no reconcile looks at.
 */
export function registerEventHandlers(
  s: ReconcileContext,
  { sinks, accounts }: WatchedObjects,
  controllers: Controllers,
  { isLeading, competitorSeen, accountGone }: EventHandlerHooks,
): void {
  sinks.onChange((change) => {
    recordSinkChange(s, change)
    if (!isLeading()) return
    const competitor = competingOperator(change, s.settings.operatorNamespace)
    if (competitor !== undefined) competitorSeen(competitor, change.key)
    for (const key of sinksSetFree(s, change)) controllers.sinks.queue.add(key, 'low')
    for (const name of accountsOf(s, change)) controllers.accounts.queue.add(name, 'low')
  })
  sinks.onForeignChange((change) => {
    if (isLeading() && concernsSink(change))
      controllers.sinks.queue.addAfter(change.key, answerDelay(s, change), priorityOf(change.origin))
  })
  accounts.onChange((change) => {
    if (change.after === undefined) accountGone(change.key)
    if (!isLeading() || !concernsAccount(change)) return
    controllers.accounts.queue.add(change.key, priorityOf(change.origin))
    for (const key of sinksConcerned(s, change.key)) controllers.sinks.queue.add(key, 'low')
  })
}

/** Everything there is, when this process begins to lead. */
export function enqueueAll({ sinks, accounts }: WatchedObjects, controllers: Controllers): void {
  for (const { key } of accounts.all()) controllers.accounts.queue.add(key, 'low')
  for (const { key } of sinks.all()) controllers.sinks.queue.add(key, 'low')
}

const priorityOf = (origin: string): 'high' | 'low' =>
  origin === 'watch' || origin === 'read' ? 'high' : 'low'

/** The annotation that they are read from can be written by everybody who may write Sinks of the namespace. */
const MOST_REPORTED = { namespaces: 200, operatorsEach: 3 }

/** Logs once for each operator of another namespace that it reconciles the same objects, and counts its creates. */
export function reportCompetingInstallations(
  log: Logger,
  metrics: Pick<Metrics, 'competingCreate'>,
): (operator: string, sink: string) => void {
  /** By namespace of the Sinks; the one that was told of last comes last. */
  const told = new Map<string, Set<string>>()
  return (operator, sink) => {
    metrics.competingCreate()
    const namespace = sink.slice(0, sink.indexOf('/'))
    const operators = told.get(namespace) ?? new Set<string>()
    if (operators.has(operator) || operators.size >= MOST_REPORTED.operatorsEach) return
    told.delete(namespace)
    told.set(namespace, operators.add(operator))
    const [oldest = namespace] = told.keys()
    if (told.size > MOST_REPORTED.namespaces) told.delete(oldest)
    log.warn(
      { operator: operator.slice(0, 63), sink },
      'A second operator, of another namespace, creates sinks for the objects that this one looks after: stop one of them, or give each its own --watch-namespaces',
    )
  }
}
