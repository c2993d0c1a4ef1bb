import { listedSince } from '../../account/absence.ts'
import type { Effect, Outcome } from '../../sink/decision.ts'
import { lookAt, wantList } from '../observe/look.ts'
import type { Observed } from '../observe/observe-sink.ts'
import type { ReconcileContext } from '../context.ts'

/**
 * Gathers what is missing to confirm an absence: Twilio's own 404, then a LIST that begins late enough. LISTs are asked
 * of the account, which makes one for all who wait.
 */
export async function confirmAbsence(
  s: ReconcileContext,
  { entry, observation, connection }: Observed,
  { sid, from }: Extract<Effect, { kind: 'confirm-absence' }>,
): Promise<Outcome> {
  if (entry === undefined) return { kind: 'none' }
  if (sid !== undefined && !entry.snapshot.absences.has(sid)) {
    const answered = await lookAt(s, entry, { sid, connection })
    // Seen, or answered 404: what is still missing follows from that.
    if (answered) return { kind: 'stale' }
  }
  const { absences, lists } = entry.snapshot
  const confirmableFrom = Math.max(from, (sid === undefined ? undefined : absences.get(sid)?.answeredAt) ?? 0)
  // Where the LISTs are late enough and confirm nothing, the key is not trusted: another LIST at once says no more.
  const lacks = !listedSince(lists, confirmableFrom) || lists[0]?.beganAt === confirmableFrom
  if (lacks && observation.now.monotonic >= from) wantList(s, entry, s.clock.monotonic())
  return { kind: 'none' }
}
