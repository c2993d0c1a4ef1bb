import type { DemoAct, ActStep } from './act.ts'
import type { DemoStage } from './stage.ts'
import { messageOf, NotAsExpected } from './waiting.ts'

/** Plays the acts one after the other, up to the first step that is not seen. Resolves with whether all were. */
export async function perform(
  acts: readonly DemoAct[],
  stage: DemoStage,
  signal: AbortSignal,
): Promise<boolean> {
  for (const { title, steps } of acts) {
    stage.timeline.heading(title)
    for (const step of steps) if (!(await isSeen(step, stage, signal))) return false
  }
  return true
}

async function isSeen({ shows, see }: ActStep, stage: DemoStage, signal: AbortSignal): Promise<boolean> {
  const began = performance.now()
  try {
    signal.throwIfAborted()
    const detail = await see(stage)
    signal.throwIfAborted()
    stage.timeline.passed(detail === '' ? shows : `${shows}: ${detail}`, performance.now() - began)
    return true
  } catch (error) {
    tell(stage, shows, { error, signal })
    return false
  }
}

function tell(
  { timeline, operator }: DemoStage,
  shows: string,
  { error, signal }: { readonly error: unknown; readonly signal: AbortSignal },
): void {
  // What aborted is the reason, and what failed only its consequence.
  if (signal.aborted) return timeline.failed(shows, messageOf(signal.reason))
  timeline.failed(shows, error instanceof NotAsExpected ? error : messageOf(error))
  timeline.quote(`Operator: ${operator.endOfLog()}`)
}
