import type { Effect } from '../sink/decision.ts'
import { TwilioFailure } from '../sink/failure.ts'
import type { Outcome } from '../sink/outcome.ts'
import { triedLook, type Observed } from './observe-sink.ts'
import type { Surroundings } from './surroundings.ts'

/** Sends a test event, at least once for each request; what Twilio refuses is an answer too. */
export async function sendTest(s: Surroundings, observed: Observed, sid: string): Promise<Outcome> {
  const result = await answered(() => observed.connection?.api.probe.sendTest(sid))
  if (result === undefined) return { kind: 'stale' }
  await triedLook(s, observed.entry, sid)
  return { kind: 'tested', result }
}

export async function validate(
  s: Surroundings,
  observed: Observed,
  { sid, testId }: Extract<Effect, { kind: 'validate' }>,
): Promise<Outcome> {
  const result = await answered(() => observed.connection?.api.probe.validate(sid, testId))
  if (result === undefined) return { kind: 'stale' }
  await triedLook(s, observed.entry, sid)
  return { kind: 'validated', result }
}

async function answered(ask: () => Promise<string> | undefined): Promise<string | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof TwilioFailure) || error.kind !== 'refused') throw error
    return `refused: ${error.code === undefined ? '' : `${error.code} `}${error.message}`
  }
}
