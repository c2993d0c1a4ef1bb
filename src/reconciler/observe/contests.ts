import { isDeepStrictEqual } from 'node:util'
import { CREATE_ATTEMPT_ANNOTATION, fieldManagerOf } from '../../api/group.ts'
import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import { backoffMs } from '../../time/waiting.ts'
import { longestRetry, type ReconcileContext } from '../context.ts'
import { partialSink } from '../memory/account-of-sink.ts'
import type { CachedObject, ObjectEvent, ObjectKey } from '../ports.ts'
import type { CacheChange } from './cache-changes.ts'

/**
 * Another writer of what the operator writes into an object: a second installation, or a tool that puts a status or
 * finalizers back. Each would answer the other for ever.
 */

/** So many changes in a row are answered without a delay: a backup is restored, a person corrects something. */
const AT_ONCE = 3
const FIRST_DELAY = 1_000
/** After so many conflicts in a row people are told. */
const CONFLICTS = 12
/** Of field managers: everybody may take any number of names, and an event has room for a few. */
const MOST_NAMED = 3

/** Milliseconds until a change of a Sink by somebody else is looked at. What people change is looked at at once. */
export function answerDelay(s: ReconcileContext, change: CacheChange<Sink>): number {
  const { after } = change
  if (after === undefined || !isOfOperators(change)) return 0
  const count = noteContest(s, { kind: 'Sink', cached: after }, { what: 'change', told: AT_ONCE + 1 })
  if (count <= AT_ONCE) return 0
  return backoffMs({ firstMs: FIRST_DELAY, longestMs: longestRetry(s.settings) }, count - AT_ONCE, s.random())
}

/** A write was decided on an old view. That is no news unless it goes on. */
export function noteConflict(s: ReconcileContext, kind: Kind, key: ObjectKey): void {
  const cached = kind === 'Sink' ? s.sinks.get(key) : s.accounts.get(key)
  if (cached !== undefined) noteContest(s, { kind, cached }, { what: 'conflict', told: CONFLICTS })
}

type Kind = ObjectEvent['kind']

interface Written {
  readonly kind: Kind
  readonly cached: CachedObject<Sink> | CachedObject<TwilioAccount>
}

interface Contested {
  readonly what: 'change' | 'conflict'
  /** From how many in a row on people are told. */
  readonly told: number
}

/** Under which an object is named in the log. */
export const LOG_FIELDS: Readonly<Record<Kind, string>> = { Sink: 'sink', TwilioAccount: 'account' }

function noteContest(s: ReconcileContext, written: Written, { what, told }: Contested): number {
  const { kind, cached } = written
  const own = fieldManagerOf(s.settings.operatorNamespace)
  const others = (cached.managers ?? []).filter((manager) => manager !== own).slice(0, MOST_NAMED)
  // None, where the operator has written by now.
  const manager = others.length === 0 ? undefined : others.join(', ')
  const now = s.clock.monotonic()
  const { count, tell } = s.contests.note(`${what} ${kind} ${cached.key}`, manager ?? '', now, told)
  if (!tell) return count
  const fields = { [LOG_FIELDS[kind]]: cached.key, manager }
  s.observer.log('warn', fields, 'Something else keeps changing what the operator writes')
  s.events.emit(contestEvent(written, manager))
  return count
}

function contestEvent(written: Written, manager: string | undefined): ObjectEvent {
  const who = manager === undefined ? 'Something else' : `Something else (field manager ${manager})`
  const note =
    `${who} keeps changing what the operator writes into this object: its status, finalizers ` +
    'or journal. The operator answers ever more slowly. If it is a second installation, give each its own --watch-namespaces; ' +
    'else keep it from writing there.'
  return writeWarning(written, 'WriteContested', note)
}

/** Of a write that others keep from lasting, or from being taken. */
export function writeWarning({ kind, cached }: Written, reason: string, note: string): ObjectEvent {
  const { uid, resourceVersion } = cached.readable ? cached.object.metadata : cached
  const [namespace = '', name = ''] = cached.key.split('/')
  const about = { kind, namespace, name, uid, resourceVersion }
  return { ...about, type: 'Warning', reason, action: 'Write', note }
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
