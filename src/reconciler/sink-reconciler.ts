import type { Sink } from '../api/sink.ts'
import type { ReconcileResult } from '../controller/controller.ts'
import type { Next, Outcome } from '../sink/decision.ts'
import { makeReport, type Report } from '../sink/report/report.ts'
import { sameStatus } from '../api/condition.ts'
import { act } from './effects/act.ts'
import { decideOn } from './effects/recheck.ts'
import type { AccountState } from './memory/account-registry.ts'
import { readable } from './memory/account-of-sink.ts'
import { readInputs } from './observe/inputs.ts'
import { observeSink, type Observed } from './observe/observe-sink.ts'
import { KubernetesFailure, type ObjectKey } from './ports.ts'
import { wantList } from './observe/look.ts'
import { forgetUnreadable, reconcileUnreadableSink } from './unreadable-objects.ts'
import type { ReconcileContext } from './context.ts'
import { endRefusals, reportRefusal } from './effects/refused-write.ts'
import { writeStatus } from './effects/write-status.ts'
import { afterCreate } from './effects/after-create.ts'

/** One reconcile: observe, classify, decide, act, report. */
export async function reconcileSink(s: ReconcileContext, key: ObjectKey): Promise<ReconcileResult> {
  const cached = s.sinks.get(key)
  if (cached === undefined) {
    forget(s, key)
    return { kind: 'change' }
  }
  try {
    const result = cached.readable
      ? await reconcileReadable(s, key, cached.object)
      : await reconcileUnreadableSink(s, cached)
    if (result.kind !== 'retry' && result.kind !== 'now') endRefusals(s, 'Sink', key)
    return result
  } catch (error) {
    if (!(error instanceof KubernetesFailure)) throw error
    // Decided on a stale view.
    if (error.kind === 'conflict' || error.kind === 'not-found') return { kind: 'now' }
    reportRefusal(s, { kind: 'Sink', cached }, error)
    return { kind: 'retry' }
  } finally {
    s.names.of(key).underWay = undefined
  }
}

async function reconcileReadable(s: ReconcileContext, key: ObjectKey, sink: Sink): Promise<ReconcileResult> {
  forgetUnreadable(s, 'sink', key)
  s.names.of(key).underWay = sink
  const decided = decideOn(observeSink(s, await readInputs(s, key, sink)))
  // The present leader decides for itself; if it is this process again, it retries.
  if (!s.leadership.mayMutate()) return { kind: 'retry' }
  // What is learned of the account while the effect runs must bring the Sink back.
  subscribe(s, decided.observed.entry, key, withRequest(decided.observed, decided.decision.next))
  const acted = await act(s, decided)
  const { observed, state, decision, outcome } = acted
  if (outcome.kind === 'created') {
    const report = await afterCreate(s, { ...acted, outcome })
    return finish(s, observed, report)
  }
  const report = makeReport(observed.observation, state, decision, outcome)
  const { status } = report
  if (status !== undefined && !s.leadership.mayMutate()) return { kind: 'retry' }
  const written =
    status === undefined
      ? 'skipped'
      : await writeStatus(s, withOwnJournal(s, key, observed.sink), key, status)
  if (written === 'skipped') s.observer.statusWritten('skipped')
  // What failed at Twilio, or was refused, is not retried at once, also if the status write was stale.
  if (outcome.kind === 'failed') return failed(s, observed, outcome, report)
  if (outcome.kind === 'refused') return refused(s, observed, report)
  if (written === 'stale') return { kind: 'now' }
  // The watch has not shown it yet: an immediate requeue would find the same.
  const next: Next = written === 'gone' ? { kind: 'change' } : withRequest(observed, report.next)
  return finish(s, observed, { ...report, next })
}

/** A request that is not answered yet waits for the account, too, whose LIST may answer it. */
function withRequest({ observation: { object, requests } }: Observed, next: Next): Next {
  const waits = requests.reconcile !== undefined && !requests.freshlyRead && !object.suspend
  return waits && next.kind === 'change' ? { kind: 'account' } : next
}

/** The object as our own journal has left it, so that the status of a create that failed is not stale by our own doing. */
function withOwnJournal(s: ReconcileContext, key: ObjectKey, sink: Sink): Sink {
  const now = readable(s.sinks.get(key))
  const same = now?.metadata.uid === sink.metadata.uid && now.metadata.generation === sink.metadata.generation
  return same && sameStatus(now.status, sink.status) ? now : sink
}

function finish(s: ReconcileContext, observed: Observed, report: Report): ReconcileResult {
  const { entry } = observed
  tell(s, observed, report)
  subscribe(s, entry, report.key, report.next)
  // The removal of our finalizer is a write of our own, which brings no further reconcile.
  if (s.sinks.get(report.key) === undefined) forget(s, report.key)
  const error = report.failure === undefined ? {} : ({ error: true } as const)
  if (report.next.kind !== 'account' && report.next.kind !== 'settling') return { ...report.next, ...error }
  // Nobody polls for a Sink without account, and labels that let its namespace in are not watched.
  return entry === undefined ? { kind: 'after', ms: s.settings.poll, ...error } : { kind: 'change', ...error }
}

/** The same in events, log and metrics as in the status. */
function tell(s: ReconcileContext, { sink, observation }: Observed, report: Report): void {
  emitEvents(s, sink, report)
  const memory = s.names.memoryOf(observation.object)
  const { trouble } = report
  const named = trouble && `${trouble.condition}: ${trouble.reason}`
  const isNews = named !== undefined && named !== memory.loggedTrouble
  memory.loggedTrouble = named
  s.observer.reconciled(report, { resourceVersion: sink.metadata.resourceVersion, isNews })
}

/** Also what brings the Sink back meanwhile finds the write refused: the backoff goes on until it is taken. */
function refused(s: ReconcileContext, observed: Observed, report: Report): ReconcileResult {
  finish(s, observed, report)
  return { kind: 'retry' }
}

function failed(
  s: ReconcileContext,
  observed: Observed,
  { failure }: Extract<Outcome, { kind: 'failed' }>,
  report: Report,
): ReconcileResult {
  const { entry } = observed
  tell(s, observed, report)
  if (entry !== undefined && (failure.kind === 'unauthorized' || failure.kind === 'forbidden')) {
    // The account reads its Secret again and tells everybody what has changed. Its LIST alone must not bring the Sink
    // back: a key may read and not write.
    subscribe(s, entry, report.key, { kind: 'change' })
    wantList(s, entry, s.clock.monotonic())
    return { kind: 'retry' }
  }
  subscribe(s, entry, report.key, withRequest(observed, report.next))
  const asked = failure.retryAfterMs ?? 0
  // A shorter wait than that is no backoff: an outage may ask for none, over and over.
  return asked < s.settings.settlingPoll ? { kind: 'retry' } : { kind: 'after', ms: asked, error: true }
}

/** Subscribes the Sink to its account for as long as it waits for a change of it. */
function subscribe(
  { clock, registry, enqueue }: ReconcileContext,
  entry: AccountState | undefined,
  key: ObjectKey,
  next: Next,
): void {
  for (const other of registry.all()) {
    if (other === entry) continue
    other.subscribers.delete(key)
    other.changing.delete(key)
  }
  if (entry === undefined) return
  if (next.kind === 'change') entry.subscribers.delete(key)
  else entry.subscribers.add(key)
  // Another reconcile at once says how it goes on: what is still changing has not begun to change again.
  if (next.kind !== 'settling' && next.kind !== 'now') entry.changing.delete(key)
  else if (next.kind === 'settling' && !entry.changing.has(key)) {
    entry.changing.set(key, clock.monotonic())
    enqueue.account(entry.name)
  }
}

/** At most one event per change: only what was written, or done, becomes one. */
function emitEvents(s: ReconcileContext, { metadata }: Sink, report: Report): void {
  for (const { type, reason, note } of report.events) {
    const { namespace, name, uid, resourceVersion } = metadata
    const action = report.effect === 'none' ? 'Reconcile' : upperCamel(report.effect)
    s.events.emit({ kind: 'Sink', namespace, name, uid, resourceVersion, type, reason, action, note })
  }
}

const upperCamel = (words: string): string =>
  words.replaceAll(/(?:^|-)(\w)/gu, (_, letter: string) => letter.toUpperCase())

/** What is remembered of the object itself has gone with it (`NameRecords`). */
function forget(s: ReconcileContext, key: ObjectKey): void {
  forgetUnreadable(s, 'sink', key)
  subscribe(s, undefined, key, { kind: 'change' })
}
