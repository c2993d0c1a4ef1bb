import type { Effect, Outcome } from '../../sink/decision.ts'
import { TwilioFailure } from '../../external/failure.ts'
import { mayQuote, shownFailure } from '../../sink/messages.ts'
import type { ReconcileContext } from '../context.ts'
import { tryLook } from '../observe/look.ts'
import type { Observed } from '../observe/observe-sink.ts'

/** Sends a test event, at least once for each request; what Twilio refuses is an answer too. */
export async function sendTest(s: ReconcileContext, observed: Observed, sid: string): Promise<Outcome> {
  const result = await answered(observed, () => observed.connection?.api.probe.sendTest(sid))
  if (result === undefined) return { kind: 'stale' }
  await tryLook(s, observed.entry, sid)
  return { kind: 'tested', result }
}

export async function validate(
  s: ReconcileContext,
  observed: Observed,
  { sid, testId }: Extract<Effect, { kind: 'validate' }>,
): Promise<Outcome> {
  const result = await answered(observed, () => observed.connection?.api.probe.validate(sid, testId))
  if (result === undefined) return { kind: 'stale' }
  await tryLook(s, observed.entry, sid)
  return { kind: 'validated', result }
}

/** The results that Twilio documents. Others may quote the destination that was tried. */
const RESULTS: readonly string[] = ['submitted', 'valid', 'invalid', 'success', 'failed']
const OTHER_RESULT = 'a result that this version does not know'

async function answered(
  { observation: { desired } }: Observed,
  ask: () => Promise<string> | undefined,
): Promise<string | undefined> {
  try {
    const result = await ask()
    if (result === undefined || RESULTS.includes(result)) return result
    return result !== '' && mayQuote(desired) ? result : OTHER_RESULT
  } catch (error) {
    if (!(error instanceof TwilioFailure) || error.kind !== 'refused') throw error
    const { code, words, message } = shownFailure(error, desired)
    return `refused: ${code === undefined ? '' : `${code} `}${words ?? message}`
  }
}
