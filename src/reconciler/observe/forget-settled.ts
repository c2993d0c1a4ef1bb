import { settledBefore } from '../../account/absence.ts'
import type { KeyDigest } from '../../external/key-digest.ts'
import type { ObjectKey } from '../ports.ts'
import { isOverdue, evaluateAttempt } from './snapshot-facts.ts'
import type { ReconcileContext } from '../context.ts'

/**
 * Forgets what no confirmation of an absence can depend on any more, so that ever new names do not fill the memory.
 *
 * Guarantee: each absence is confirmed as if nothing had been forgotten, because each LIST that is remembered,
 * under way or yet to come began more than a settle time after what is forgotten; `MOST_TOLD` names the exception.
 */
export function forgetSettled(s: ReconcileContext): void {
  const settled = settledSince(s)
  s.lastSeen.forgetBefore(settled)
  s.witnesses.keepOnly(keysInUse(s), s.clock.monotonic(), settled)
  forgetNames(s)
}

/**
 * Those that a TwilioAccount uses or has used. What others have shown is forgotten as a restart forgets it: once it is
 * settled, only fewer absences are trusted without it.
 */
function keysInUse({ registry }: ReconcileContext): KeyDigest[] {
  return [...registry.all()].flatMap(({ usedKeys }) => [...usedKeys])
}

/**
 * Names whose object is long gone. An attempt without a known end keeps its name: only the confirmation that it has left
 * nothing ends it, however long that takes; of those that only an annotation tells, a few. Cheap when nothing is
 * settled, so that it may follow each departure; a standby, which has no LISTs, forgets in no other way.
 */
export function forgetNames(s: ReconcileContext): void {
  const toldOnly = new Map<string, ObjectKey[]>()
  for (const key of s.names.leftBefore(settledSince(s))) {
    if (leftNothing(s, key)) s.names.forget(key)
    else if (isToldOnly(s, key)) {
      const namespace = key.slice(0, key.indexOf('/'))
      toldOnly.set(namespace, [...(toldOnly.get(namespace) ?? []), key])
    }
  }
  for (const keys of toldOnly.values()) for (const key of keys.slice(0, -MOST_TOLD)) s.names.forget(key)
}

/**
 * By namespace, how many names are kept for creates of which only an annotation has told, and which no TwilioAccount
 * here can confirm or refute: a person who writes Sinks can make up any number in a namespace. The ones that left first
 * go first.
 */
const MOST_TOLD = 50

const isToldOnly = ({ names }: ReconcileContext, key: ObjectKey): boolean =>
  names
    .of(key)
    .attempts.open(0)
    .every(({ through }) => through === undefined)

/**
 * LISTs of all accounts count, since names and what was seen are shared by all: the oldest decides. Those of an account
 * that is overdue do not: nothing is decided by them, and the next LIST takes their place (`poll-account.ts`).
 */
function settledSince(s: ReconcileContext): number {
  const begun = [...s.registry.all()].flatMap((entry) => [
    ...(isOverdue(s, entry) ? [] : entry.snapshot.lists),
    ...(entry.listing === undefined ? [] : [entry.listing]),
  ])
  // Where there is none, the next one begins now at the earliest.
  const next = { beganAt: s.clock.monotonic(), pages: 1 }
  return settledBefore([...begun, next], s.settings.settle)
}

function leftNothing(s: ReconcileContext, key: ObjectKey): boolean {
  return s.names
    .of(key)
    .attempts.open(0)
    .every((attempt) => evaluateAttempt(s, key, { attempt, own: attempt.through }).absent)
}
