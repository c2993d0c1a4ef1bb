import { FINALIZER } from '../../api/group.ts'
import type { Sink } from '../../api/sink.ts'
import type { LiveObjects } from '../../kubernetes/release-client.ts'
import { keyOf, planOf, type Plan, type PlanSettings } from './plan/plan.ts'
import { notReleased, rowOf, type ReleaseRow } from './plan/row.ts'
import { guardedChange } from './guarded-change.ts'
import { suspendAndOrphan, orphan, retryOnConflict } from './suspend.ts'
import type { OpenAccount } from './accounts.ts'

/**
 * Guarantees: the mark goes before the object, so that after any interruption the object still knows its sink and the
 * command can be run again. Nothing is deleted at Twilio. What is changed there has just been read and carries the
 * object's own mark.
 */
export async function releaseSink(
  sinks: LiveObjects<Sink>,
  sink: Sink,
  { account, settings }: { readonly account: OpenAccount; readonly settings: PlanSettings },
): Promise<ReleaseRow> {
  const plan = planOf(sink, account.seen, settings)
  if (plan.kind === 'keep') return stillSuspended(sink, plan.because)
  const done = plan.kind === 'unmark' ? await unmark(sink, plan.sid, { account, settings }) : plan
  return remove(sinks, sink, done)
}

/** A person has to do something first. */
export const stillSuspended = (sink: Sink, because: string): ReleaseRow =>
  notReleased(keyOf(sink), `${because}; until then it stays suspended`, sink.status.sid)

/** An object that never reached Twilio, or whose sink has been seen to. */
export async function remove(sinks: LiveObjects<Sink>, sink: Sink, plan: Plan): Promise<ReleaseRow> {
  const left = await retryOnConflict(() => removeNow(sinks, sink))
  if (left === undefined) return rowOf(keyOf(sink), plan, true)
  const because = `the object waits for ${left.metadata.finalizers.join(', ')}, which others have set`
  return notReleased(keyOf(sink), because, 'sid' in plan ? plan.sid : undefined)
}

/** Resolves with what is still there. */
async function removeNow(sinks: LiveObjects<Sink>, sink: Sink): Promise<Sink | undefined> {
  const present = await sinks.read(sink)
  if (present === undefined) return undefined
  const free = await orphan(sinks, await suspendAndOrphan(sinks, present))
  if (free.metadata.deletionTimestamp === undefined) await sinks.delete(free)
  const leaving = await sinks.read(sink)
  if (leaving === undefined) return undefined
  if (leaving.metadata.finalizers.includes(FINALIZER)) await sinks.dropFinalizer(leaving)
  return sinks.read(sink)
}

/** Takes the mark out of what is at Twilio now; somebody may have changed it since the LIST. */
function unmark(
  sink: Sink,
  sid: string,
  { account: { api, seen }, settings }: { readonly account: OpenAccount; readonly settings: PlanSettings },
): Promise<Plan> {
  return guardedChange(api, sid, async ({ found, update }) => {
    if (found === undefined) return { kind: 'nothing', because: 'it is no longer at Twilio' }
    const now = planOf(sink, { ...seen, sinks: new Map([...seen.sinks, [sid, found]]) }, settings)
    if (now.kind === 'unmark') await update(now.description)
    return now
  })
}
