import type { ExternalSink } from '../../external/external-sink.ts'
import { TwilioFailure } from '../../external/failure.ts'
import type { ReconcileContext } from '../context.ts'
import type { AccountState } from '../memory/account-registry.ts'
import type { SinkLook } from '../ports.ts'

export interface Look {
  readonly sid: string
  readonly connection: AccountState['connection']
  /** Where a slot is held already; else one is waited for. */
  readonly through?: SinkLook
}

/**
 * GETs the sink and applies what was answered. False when the account has got another key meanwhile: its answers and
 * those of the old one do not mix. Rejects with a `TwilioFailure` when the answer says nothing.
 */
export async function lookAt(
  s: ReconcileContext,
  entry: AccountState | undefined,
  { sid, connection, through = connection?.api }: Look,
): Promise<boolean> {
  if (entry === undefined || connection === undefined || through === undefined) return false
  const answer = await fetched(through, sid)
  if (entry.connection !== connection) return false
  const at = s.clock.monotonic()
  if (answer === 'not-found')
    s.registry.recordAbsent(entry, connection.key, sid, { answeredAt: at, byOwnDelete: false })
  else s.registry.recordSeen(entry, connection.key, answer, at)
  return true
}

/** As `lookAt`, for a look that may be made later; false, too, while Twilio does not answer. */
export async function tryLook(
  s: ReconcileContext,
  entry: AccountState | undefined,
  sid: string,
): Promise<boolean> {
  try {
    return await lookAt(s, entry, { sid, connection: entry?.connection })
  } catch (error) {
    if (!(error instanceof TwilioFailure)) throw error
    return false
  }
}

async function fetched(through: SinkLook, sid: string): Promise<ExternalSink | 'not-found'> {
  try {
    return await through.fetchSink(sid)
  } catch (error) {
    if (!(error instanceof TwilioFailure) || error.kind !== 'not-found') throw error
    return 'not-found'
  }
}

/** Asks for a LIST that begins at `from` or later, unless there is one. */
export function wantList(s: ReconcileContext, entry: AccountState, from: number): void {
  const [latest] = entry.snapshot.lists
  if (latest !== undefined && latest.beganAt > from) return
  entry.wantedFrom = Math.max(entry.wantedFrom, from)
  s.enqueue.account(entry.name)
}
