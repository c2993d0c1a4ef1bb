import { isDeepStrictEqual } from 'node:util'
import { FINALIZER } from '../../api/group.ts'
import type { PartialSink, Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import { openAttemptOf } from '../../external/create-attempt.ts'
import { accountNameOf, partialSink } from '../memory/account-of-sink.ts'
import { forgetNames } from './forget-settled.ts'
import { journalOf } from './observed-object.ts'
import type { CachedObject, ObjectKey } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'

/** A change of a cache, as the composition passes it on. */
export interface CacheChange<T> {
  readonly key: ObjectKey
  readonly before: CachedObject<T> | undefined
  readonly after: CachedObject<T> | undefined
  /** The watch showed its creation. */
  readonly born: boolean
}

/** Keeps what the process remembers of Sinks up to date; called for each change, before any reconcile sees it. */
export function recordSinkChange(s: ReconcileContext, { key, after, born }: CacheChange<Sink>): void {
  s.index.change(key, after)
  const at = s.clock.monotonic()
  if (after === undefined) {
    s.names.left(key, at)
    forgetNames(s)
    return
  }
  s.names.present(key, { uid: uidOf(after), at, born, touched: !after.readable || isTouched(after.object) })
  const sink = partialSink(after)
  if (sink === undefined) return
  recordJournal(s, key, sink)
  const record = s.names.of(key)
  if (record.underWay?.metadata.uid === sink.metadata.uid) record.underWay = sink
}

/** The annotation of another object's UID was copied: its number counts, but it opens no attempt here. */
function recordJournal(s: ReconcileContext, key: ObjectKey, sink: PartialSink): void {
  const { attempts } = s.names.of(key)
  const { createAttempt = 0 } = sink.status
  attempts.recorded(sink.metadata.uid, createAttempt)
  const open = openAttemptOf(sink, journalOf(sink))
  if (open === undefined) return
  const { attempt: number, uid, accountSid, key: user, times } = open
  attempts.recordSeen({ number, uid, accountSid, key: user, times, seenAt: s.clock.monotonic() })
}

/** The accounts whose references a change of a Sink may have touched. */
export function accountsOf(s: ReconcileContext, { before, after }: CacheChange<Sink>): Set<ObjectKey> {
  const names = new Set<ObjectKey>()
  const [old, now] = [partialSink(before), partialSink(after)]
  const whole = before?.readable === true && after?.readable === true
  if (whole && isSameReference(before.object, after.object)) return names
  for (const sink of [old, now]) {
    if (sink !== undefined) names.add(accountNameOf(sink, s.accounts, s.settings.defaultAccount))
  }
  return names
}

/**
 * The other objects that want a sink which this one no longer claims. They are reconciled at once and need not wait for
 * the next poll, as the new name of a renamed Sink. Asked after `recordSinkChange`.
 */
export function sinksSetFree(s: ReconcileContext, { key, before, after }: CacheChange<Sink>): Set<ObjectKey> {
  const still = new Set(sidsOf(after))
  const free = sidsOf(before).filter((sid) => !still.has(sid))
  return new Set(free.flatMap((sid) => [...s.index.keysOf(sid)].filter((other) => other !== key)))
}

function sidsOf(cached: CachedObject<Sink> | undefined): readonly string[] {
  const sink = partialSink(cached)
  return [sink?.status.sid, sink?.spec.import?.sid].filter((sid) => sid !== undefined)
}

const isSameReference = (a: Sink, b: Sink): boolean =>
  a.spec.accountRef?.name === b.spec.accountRef?.name &&
  a.spec.accountRef?.namespace === b.spec.accountRef?.namespace

/**
 * Whether a reconcile of the Sink would see anything new: at its labels, at its version and at the finalizers of others it
 * does not look.
 */
export const concernsSink = (change: CacheChange<Sink>): boolean =>
  isNews(change, ({ metadata, spec, status }) => {
    const finalizers = metadata.finalizers.filter((name) => name === FINALIZER)
    return { metadata: { ...metadata, finalizers, labels: {}, resourceVersion: '' }, spec, status }
  })

/** Whether the account itself has to be looked at again, our own status writes apart. */
export const concernsAccount = (change: CacheChange<TwilioAccount>): boolean =>
  isNews(change, ({ metadata: { uid, generation, deletionTimestamp, annotations } }) => {
    return { uid, generation, deletionTimestamp, annotations }
  })

/** `lookedAt`: what counts of an object. */
function isNews<T>({ before, after }: CacheChange<T>, lookedAt: (object: T) => unknown): boolean {
  if (before?.readable !== true || after?.readable !== true) return true
  return !isDeepStrictEqual(lookedAt(before.object), lookedAt(after.object))
}

/** The Sinks that a change of an account may let through or stop. */
export function* sinksConcerned(s: ReconcileContext, name: ObjectKey): Iterable<ObjectKey> {
  for (const cached of s.sinks.all()) {
    const sink = partialSink(cached)
    if (sink === undefined) continue
    const { namespace } = sink.metadata
    // A `default` that comes or goes changes which account the Sinks of its namespace refer to.
    const byDefault = sink.spec.accountRef === undefined && name === `${namespace}/default`
    if (byDefault || accountNameOf(sink, s.accounts, s.settings.defaultAccount) === name) yield cached.key
  }
}

const uidOf = (cached: CachedObject<Sink>): string =>
  cached.readable ? cached.object.metadata.uid : cached.uid

/** It may have reached Twilio before this process knew it. */
const isTouched = (sink: PartialSink): boolean =>
  sink.metadata.finalizers.includes(FINALIZER) ||
  sink.status.sid !== undefined ||
  journalOf(sink) !== undefined

/**
 * The namespace of another operator that has just begun a create for an object that this one reconciles, too. What was
 * there when the object was first seen says nothing: the operator may have moved. Two that create nothing are not
 * noticed.
 */
export function competingOperator(
  { before, after }: CacheChange<Sink>,
  ownNamespace: string,
): string | undefined {
  // An operator of another version may write what this one cannot read.
  const [old, now] = [partialSink(before), partialSink(after)]
  if (old === undefined || now === undefined) return undefined
  const { uid } = now.metadata
  const journal = journalOf(now)
  if (journal?.uid !== uid || old.metadata.uid !== uid) return undefined
  const { operator, attempt } = journal
  if (operator === undefined || operator === ownNamespace) return undefined
  return attempt > (journalOf(old)?.attempt ?? 0) ? operator : undefined
}
