import { FINALIZER } from '../../api/group.ts'
import type { Sink } from '../../api/sink.ts'
import type { DesiredSink } from '../../sink/desired-sink.ts'
import type { ReconcileContext } from '../context.ts'
import type { AccountState } from '../memory/account-registry.ts'
import type { ObjectKey, SinkCrd } from '../ports.ts'
import { viewAccount, type AccountView } from './account-facts.ts'
import { tryLook, wantList } from './look.ts'
import { requestsOf } from './observed-object.ts'
import { desiredOf } from './read-desired.ts'

/** What a reconcile observes with, besides what is in memory already. */
export interface Inputs {
  readonly key: ObjectKey
  readonly sink: Sink
  readonly view: AccountView
  /** Asked only for an object that is being deleted. */
  readonly crd: SinkCrd | undefined
  readonly desired: DesiredSink
}

/**
 * All that a reconcile asks of others, and remembers of it, before it observes: to observe is then only to look. `again`:
 * once more, just before something is changed and while a slot for calls is held. Then nothing is asked of Twilio, which
 * could wait for another slot, and values from Secrets are those that were decided on.
 */
export async function readInputs(
  s: ReconcileContext,
  key: ObjectKey,
  sink: Sink,
  { again }: { readonly again: boolean } = { again: false },
): Promise<Inputs> {
  const view = await viewAccount(s, sink)
  // From here on changes of the account enqueue the Sink: the next steps may wait while they happen.
  view.entry?.subscribers.add(key)
  if (!again) await readAfresh(s, key, sink, view.entry)
  const crd = await crdFor(s, sink)
  return { key, sink, view, crd, desired: await desiredOf(s, key, sink, { asDecided: again }) }
}

async function crdFor({ cluster }: ReconcileContext, { metadata }: Sink): Promise<SinkCrd | undefined> {
  const isLeaving = metadata.deletionTimestamp !== undefined && metadata.finalizers.includes(FINALIZER)
  return isLeaving ? cluster.sinkCrd() : undefined
}

/**
 * A person asked for a reconcile: Twilio is asked anew before anything is decided. The request waits until Twilio has
 * answered (`withRequest`); the reconcile goes on without.
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
  const since = memory.asked?.request === reconcile ? memory.asked.at : s.clock.monotonic()
  memory.asked = { request: reconcile, at: since }
  if (!(await isReadSince(s, entry, { key, sink, since }))) return
  Object.assign(memory, { desired: undefined, override: true, freshRead: reconcile })
}

/** By a GET where there is but one sink that it can be about; else by a LIST, which is asked for. */
async function isReadSince(
  s: ReconcileContext,
  entry: AccountState,
  { key, sink, since }: { readonly key: ObjectKey; readonly sink: Sink; readonly since: number },
): Promise<boolean> {
  const [latest] = entry.snapshot.lists
  if (latest !== undefined && latest.beganAt > since) return true
  const sid = sink.status.sid ?? sink.spec.import?.sid
  const { object } = s.names.of(key).owner
  const marked = [...entry.snapshot.sinks.values()].filter(({ mark }) => mark?.object === object)
  if (sid !== undefined && marked.every((one) => one.sink.sid === sid)) return tryLook(s, entry, sid)
  wantList(s, entry, since)
  return false
}
