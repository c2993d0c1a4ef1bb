import type { Effect } from './decision.ts'
import type { Observation } from './observation.ts'

/** A test event or a validation that a person asked for and that is not answered yet; a test goes first. */
export function requestedEffect({ requests }: Observation, sid: string): Effect {
  if (requests.test !== undefined) return { kind: 'send-test', sid, requestedAt: requests.test }
  if (requests.validate !== undefined) return { kind: 'validate', sid, testId: requests.validate }
  return { kind: 'none' }
}
