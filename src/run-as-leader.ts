import { setTimeout as wait } from 'node:timers/promises'
import type { Elector } from './leader-election/elector.ts'
import { LeadershipLost } from './leadership.ts'

/** What a leader runs, and how that ends. */
export interface LeaderCallbacks {
  /** Takes in no more when `ended` does; resolves when the reconciles have ended, or to false when some have not in time. */
  run(ended: AbortSignal): Promise<boolean>
  /** Ends what waits for Twilio and what reads from it; resolves when the writes in flight have ended. */
  closeTwilio(): Promise<void>
  /** Sends the events that are left; never rejects. */
  flushEvents(): Promise<void>
}

/** After a loss everything ends within this, the process too; milliseconds. */
const LONGEST_AFTER_LOSS = 4_000

/**
 * Works from the beginning of leadership to its end. `stop` ends it in order: it steps down when the last reconcile
 * and the last write at Twilio have ended, and not at all if one does not. Rejects with `LeadershipLost` a few seconds
 * after a loss: reads are given up, a write in flight may finish and be recorded.
 */
export async function runAsLeader(
  elector: Elector,
  callbacks: LeaderCallbacks,
  stop: AbortSignal,
  longestAfterLoss = LONGEST_AFTER_LOSS,
): Promise<void> {
  const { lost } = elector
  const closeTwilio = once(() => callbacks.closeTwilio())
  const inOrder = async (): Promise<void> => {
    const allEnded = await callbacks.run(AbortSignal.any([stop, lost]))
    await closeTwilio()
    if (allEnded) await elector.stepDown()
    await callbacks.flushEvents()
  }
  const atOnce = async (): Promise<void> => {
    await aborted(lost)
    // `inOrder` waits for it as well and hears of a failure.
    void closeTwilio().catch(() => undefined)
    await wait(longestAfterLoss)
  }
  await Promise.race([inOrder(), atOnce()])
  if (lost.aborted) throw new LeadershipLost(lost.reason)
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
