import type { Sink } from './api/sink.ts'
import type { TwilioAccount } from './api/twilio-account.ts'
import type { WatchedStore } from './kubernetes/object-store.ts'
import type { BothPasses } from './passes.ts'
import {
  accountsOf,
  concernsAccount,
  followSink,
  sinksConcerned,
  sinksSetFree,
} from './reconciler/follow-objects.ts'
import { rivalIn } from './reconciler/rival.ts'
import type { Surroundings } from './reconciler/surroundings.ts'

export interface WatchedObjects {
  readonly sinks: WatchedStore<Sink>
  readonly accounts: WatchedStore<TwilioAccount>
}

export interface FollowHooks {
  readonly isLeading: () => boolean
  /** Told of each create that an operator of another namespace has begun. */
  readonly rivalSeen: (namespace: string, sink: string) => void
}

/**
 * Keeps memory and queues up with the caches. A process that waits to lead remembers what it sees, and queues nothing:
 * `queueAll` does when it begins. What people do goes before what a start or a gap in the watch brings; our own writes
 * need no pass.
 */
export function follow(
  s: Surroundings,
  { sinks, accounts }: WatchedObjects,
  passes: BothPasses,
  { isLeading, rivalSeen }: FollowHooks,
): void {
  sinks.onChange((change) => {
    followSink(s, change)
    if (!isLeading()) return
    const rival = rivalIn(change, s.settings.operatorNamespace)
    if (rival !== undefined) rivalSeen(rival, change.key)
    for (const key of sinksSetFree(s, change)) passes.sinks.queue.add(key, 'low')
    for (const name of accountsOf(s, change)) passes.accounts.queue.add(name, 'low')
  })
  sinks.onForeignChange((key, origin) => {
    if (isLeading()) passes.sinks.queue.add(key, priorityOf(origin))
  })
  accounts.onChange((change) => {
    if (!isLeading() || !concernsAccount(change)) return
    passes.accounts.queue.add(change.key, priorityOf(change.origin))
    for (const key of sinksConcerned(s, change.key)) passes.sinks.queue.add(key, 'low')
  })
}

/** Everything there is, when this process begins to lead. */
export function queueAll({ sinks, accounts }: WatchedObjects, passes: BothPasses): void {
  for (const { key } of accounts.all()) passes.accounts.queue.add(key, 'low')
  for (const { key } of sinks.all()) passes.sinks.queue.add(key, 'low')
}

const priorityOf = (origin: string): 'high' | 'low' =>
  origin === 'watch' || origin === 'read' ? 'high' : 'low'
