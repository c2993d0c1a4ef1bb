import { isDeepStrictEqual } from 'node:util'
import { CREATE_ATTEMPT_ANNOTATION, fieldManagerOf } from '../../api/group.ts'
import type { Sink } from '../../api/sink.ts'
import { backoffMs } from '../../time/waiting.ts'
import { longestRetry, type ReconcileContext } from '../context.ts'
import { partialSink } from '../memory/account-of-sink.ts'
import type { CachedObject, ObjectKey } from '../ports.ts'
import type { CacheChange } from './cache-changes.ts'

/**
 * Another writer of what the operator writes into a Sink: a second installation, or a tool that puts a status or finalizers
 * back. Each would answer the other for ever.
 */

/** So many changes in a row are answered without a delay: a backup is restored, a person corrects something. */
const AT_ONCE = 3
const FIRST_DELAY = 1_000
/** After so many conflicts in a row people are told. */
const CONFLICTS = 12

/** Milliseconds until a change of a Sink by somebody else is looked at. What people change is looked at at once. */
export function answerDelay(s: ReconcileContext, change: CacheChange<Sink>): number {
  const { after } = change
  if (after === undefined || !isOfOperators(change)) return 0
  const count = noteContest(s, after, { what: 'change', told: AT_ONCE + 1 })
  if (count <= AT_ONCE) return 0
  return backoffMs({ firstMs: FIRST_DELAY, longestMs: longestRetry(s.settings) }, count - AT_ONCE, s.random())
}

/** A write was decided on an old view. That is no news unless it goes on. */
export function noteConflict(s: ReconcileContext, key: ObjectKey): void {
  const cached = s.sinks.get(key)
  if (cached !== undefined) noteContest(s, cached, { what: 'conflict', told: CONFLICTS })
}

interface Contested {
  readonly what: 'change' | 'conflict'
  /** From how many in a row on people are told. */
  readonly told: number
}

function noteContest(s: ReconcileContext, cached: CachedObject<Sink>, { what, told }: Contested): number {
  const { key } = cached
  const own = fieldManagerOf(s.settings.operatorNamespace)
  const others = (cached.managers ?? []).filter((manager) => manager !== own)
  // None, where the operator has written by now.
  const manager = others.length === 0 ? undefined : others.join(', ')
  const { count, tell } = s.contests.note(`${what} ${key}`, manager ?? '', s.clock.monotonic(), told)
  if (!tell) return count
  s.observer.log('warn', { sink: key, manager }, 'Something else keeps changing what the operator writes')
  s.events.emit(contestEvent(cached, manager))
  return count
}

function contestEvent(cached: CachedObject<Sink>, manager: string | undefined) {
  const { uid, resourceVersion } = cached.readable ? cached.object.metadata : cached
  const [namespace = '', name = ''] = cached.key.split('/')
  const who = manager === undefined ? 'Something else' : `Something else (field manager ${manager})`
  const note =
    `${who} keeps changing what the operator writes into this object: its status, finalizers ` +
    'or journal. The operator answers ever more slowly. If it is a second installation, give each its own --watch-namespaces; ' +
    'else keep it from writing there.'
  const about = { kind: 'Sink', namespace, name, uid, resourceVersion } as const
  return { ...about, type: 'Warning', reason: 'WriteContested', action: 'Write', note } as const
}

/** Whether nothing has changed that people change: a status, finalizers or the journal of creates alone. */
function isOfOperators({ before, after }: CacheChange<Sink>): boolean {
  const [old, now] = [partialSink(before), partialSink(after)]
  if (old === undefined || now === undefined) return false
  const ofPeople = ({ metadata: { uid, generation, deletionTimestamp, annotations } }: typeof now) => {
    const { [CREATE_ATTEMPT_ANNOTATION]: _, ...others } = annotations
    return { uid, generation, deletionTimestamp, annotations: others }
  }
  return isDeepStrictEqual(ofPeople(old), ofPeople(now))
}
