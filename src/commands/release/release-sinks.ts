import { setTimeout as wait } from 'node:timers/promises'
import type { Sink } from '../../api/sink.ts'
import type { LiveObjects, ReleaseClient } from '../../kubernetes/release-client.ts'
import { repeatChange } from '../../reconciler/effects/repeat-change.ts'
import { TwilioFailure } from '../../external/failure.ts'
import { later, momentOf, systemClock } from '../../time/clock.ts'
import type { AccountOpener, OpenAccount } from './accounts.ts'
import { removeSink, suspendAndOrphan } from './objects.ts'
import {
  isProtected,
  keyOf,
  planOf,
  planOfFound,
  planOfProtected,
  planWithoutAccount,
  type Plan,
} from './plan.ts'
import { notReleased, rowOf, type ReleaseRow } from './row.ts'
import { messageOf, type Scope } from './scope.ts'
import { waitObserved, type WaitOptions } from './wait.ts'

export interface Release {
  readonly client: ReleaseClient
  readonly scope: Scope
  /** As the plan sees them, before anything is written. */
  readonly plannedWith: AccountOpener
  /** As they are once every operator leaves the objects alone. */
  readonly accounts: AccountOpener
  readonly waitOptions: WaitOptions
  /** Tells the person how far it is. */
  readonly tell: (line: string) => void
}

/** What would be done; changes nothing. */
export async function plannedRows(release: Release): Promise<ReleaseRow[]> {
  const planned = await planAll(release)
  return [...planned.map(({ row }) => row), ...unreadableRows(release.scope)]
}

/** Only reads: everything that the command needs is checked here, before the first write. */
async function planAll({
  plannedWith,
  scope,
}: Release): Promise<{ readonly sink: Sink; readonly row: ReleaseRow }[]> {
  const planned = []
  for (const sink of scope.sinks.objects) {
    const { plan } = await planNow(plannedWith, sink)
    planned.push({ sink, row: rowOf(sink, plan, false) })
  }
  return planned
}

async function planNow(
  accounts: AccountOpener,
  sink: Sink,
): Promise<{ readonly plan: Plan; readonly account?: OpenAccount }> {
  if (isProtected(sink)) return { plan: planOfProtected(sink) }
  const opening = await accounts.open(sink)
  if (!opening.ok) return { plan: planWithoutAccount(sink, opening.why) }
  return { plan: planOf(sink, opening.account), account: opening.account }
}

/**
 * Suspends all objects first, then removes the marks, then the objects. Objects whose end is not certain are left alone,
 * suspended. Throws `CommandError` only before the first write.
 */
export async function releaseSinks(release: Release): Promise<ReleaseRow[]> {
  const { client, accounts, scope, waitOptions, tell } = release
  const planned = await planAll(release)
  const rows = planned.map(({ row }) => row).filter(({ released }) => !released)
  const wanted = planned.filter(({ row }) => row.released).map(({ sink }) => sink)
  const suspended: Sink[] = []
  await forEach(wanted, rows, async (sink) => {
    suspended.push(await suspendAndOrphan(client.sinks, sink))
  })
  if (suspended.length > 0) tell('The Sinks are suspended. Waiting until a running operator has seen that.')
  const unaware = await waitObserved(() => client.sinks.list(scope.namespace), suspended, waitOptions)
  if (unaware > 0)
    tell(`No operator has seen that ${unaware} Sinks are suspended: continuing as if no operator is running.`)
  await forEach(suspended, rows, async (sink) => {
    rows.push(await releaseOne(client.sinks, accounts, sink))
  })
  return [...rows, ...unreadableRows(scope)].sort((a, b) => (a.object < b.object ? -1 : 1))
}

/** A failure of one object is its row, and never stops the others. */
async function forEach(
  sinks: readonly Sink[],
  rows: ReleaseRow[],
  work: (sink: Sink) => Promise<void>,
): Promise<void> {
  for (const sink of sinks) {
    try {
      await work(sink)
    } catch (error) {
      rows.push(notReleased(keyOf(sink), messageOf(error), sink.status.sid))
    }
  }
}

/**
 * Guarantees: the mark goes before the object, so that after any interruption the object still knows its sink and the
 * command can be run again. Nothing is deleted at Twilio. What is changed there has just been read and carries the
 * object's own mark.
 */
async function releaseOne(
  sinks: LiveObjects<Sink>,
  accounts: AccountOpener,
  sink: Sink,
): Promise<ReleaseRow> {
  // The operator may have made or recorded a sink since, or a person have protected the object.
  const present = (await sinks.read(sink)) ?? sink
  const { plan, account } = await planNow(accounts, present)
  const sid = markedSid(plan, present)
  const done = sid === undefined || account === undefined ? plan : await unmark(present, sid, account)
  if (done.kind === 'keep')
    return rowOf(present, { kind: 'keep', because: `${done.because}; until then it stays suspended` }, false)
  const left = await removeSink(sinks, present)
  if (left === undefined) return rowOf(present, done, true)
  const because = `the object waits for ${left.metadata.finalizers.join(', ')}, which others have set`
  return notReleased(keyOf(present), because, 'sid' in done ? done.sid : undefined)
}

/** What may carry the mark; what is recorded may be newer than the LIST that does not show it. */
function markedSid(plan: Plan, { status }: Sink): string | undefined {
  if (plan.kind === 'nothing') return status.sid
  return plan.kind === 'unmark' ? plan.sid : undefined
}

/** Milliseconds that what was just seen is taken for what is there. */
const VALID_MS = 30_000

/**
 * Takes the object's mark out of what is at Twilio now: read and changed in one slot, so that what somebody wrote a moment
 * ago is not overwritten. Resolves with what there was to do.
 */
export function unmark(sink: Sink, sid: string, account: OpenAccount): Promise<Plan> {
  const round = (): Promise<Plan> =>
    account.api.writes.withChangeSlot(async (change) => {
      const notAfter = later(momentOf(systemClock), VALID_MS)
      const found = await change.fetchSink(sid).catch((error: unknown) => {
        if (error instanceof TwilioFailure && error.kind === 'not-found') return undefined
        throw error
      })
      if (found === undefined) return { kind: 'nothing', because: 'it is no longer at Twilio' }
      const plan = planOfFound(sink, found, account)
      if (plan.kind === 'unmark') await change.updateDescription(sid, plan.description, notAfter)
      return plan
    })
  return repeatChange(round, (ms) => wait(ms))
}

const unreadableRows = ({ sinks }: Scope): ReleaseRow[] =>
  sinks.unreadable.map(({ key, problem }) => notReleased(key, `the object cannot be read: ${problem}`))
