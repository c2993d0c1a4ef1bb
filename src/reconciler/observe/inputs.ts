import { FINALIZER } from '../../api/group.ts'
import type { Sink } from '../../api/sink.ts'
import type { DesiredSink } from '../../sink/desired-sink.ts'
import type { ReconcileContext } from '../context.ts'
import type { AccountState } from '../memory/account-registry.ts'
import type { ObjectKey } from '../ports.ts'
import { viewAccount, type AccountView } from './account-facts.ts'
import { tryLook } from './look.ts'
import { requestsOf } from './observed-object.ts'
import { desiredOf } from './read-desired.ts'

/** What a reconcile observes with, besides what is in memory already. */
export interface Inputs {
  readonly key: ObjectKey
  readonly sink: Sink
  readonly view: AccountView
  /** Asked only for an object that is being deleted. */
  readonly crdDeleting: boolean
  readonly desired: DesiredSink
}

/** All that a reconcile asks of others, and remembers of it, before it observes: to observe is then only to look. */
export async function readInputs(s: ReconcileContext, key: ObjectKey, sink: Sink): Promise<Inputs> {
  const view = await viewAccount(s, sink)
  // From here on changes of the account enqueue the Sink: the next steps may wait while they happen.
  view.entry?.subscribers.add(key)
  await readAfresh(s, key, sink, view.entry)
  const crdDeleting = await isCrdDeleting(s, sink)
  return { key, sink, view, crdDeleting, desired: await desiredOf(s, key, sink) }
}

/**
 * A person asked for a reconcile: Twilio is asked anew before anything is decided. The request waits while Twilio does not
 * answer; the reconcile goes on without.
 */
async function readAfresh(
  s: ReconcileContext,
  key: ObjectKey,
  sink: Sink,
  entry: AccountState | undefined,
): Promise<void> {
  const memory = s.names.memoryOf({ key, uid: sink.metadata.uid })
  const { reconcile, freshlyRead } = requestsOf(sink, memory.freshRead)
  if (reconcile === undefined || freshlyRead || sink.spec.suspend === true) return
  if (entry?.connection === undefined) return
  const { sid } = sink.status
  if (sid !== undefined && !(await tryLook(s, entry, sid))) return
  Object.assign(memory, { desired: undefined, override: true, freshRead: reconcile })
}

async function isCrdDeleting({ cluster }: ReconcileContext, { metadata }: Sink): Promise<boolean> {
  if (metadata.deletionTimestamp === undefined || !metadata.finalizers.includes(FINALIZER)) return false
  return (await cluster.sinkCrd()).deleting
}
