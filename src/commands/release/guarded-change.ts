import { setTimeout as wait } from 'node:timers/promises'
import { systemClock, later, momentOf } from '../../time/clock.ts'
import type { TwilioAccountApi } from '../../reconciler/ports.ts'
import { repeatChange } from '../../reconciler/effects/repeat-change.ts'
import type { ExternalSink } from '../../external/external-sink.ts'
import { TwilioFailure } from '../../external/failure.ts'

/** Milliseconds that what was just seen is taken for what is there. */
const VALID_MS = 30_000

export interface FreshlyRead {
  /** Undefined when Twilio does not know the sink. */
  readonly found: ExternalSink | undefined
  /** Rejects with `not-sent` once too much time has passed since. */
  readonly update: (description: string) => Promise<ExternalSink>
}

/** Reads a sink and changes it in one slot, so that what somebody wrote a moment ago is not overwritten. */
export function guardedChange<T>(
  api: TwilioAccountApi,
  sid: string,
  work: (seen: FreshlyRead) => Promise<T>,
): Promise<T> {
  const round = (): Promise<T> => changeOnce(api, sid, work)
  return repeatChange(round, (ms) => wait(ms))
}

function changeOnce<T>(
  api: TwilioAccountApi,
  sid: string,
  work: (seen: FreshlyRead) => Promise<T>,
): Promise<T> {
  return api.writes.withChangeSlot(async (change) => {
    const notAfter = later(momentOf(systemClock), VALID_MS)
    const found = await change.fetchSink(sid).catch((error: unknown) => {
      if (error instanceof TwilioFailure && error.kind === 'not-found') return undefined
      throw error
    })
    return work({ found, update: (description) => change.updateDescription(sid, description, notAfter) })
  })
}
