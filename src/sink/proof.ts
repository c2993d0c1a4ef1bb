import type { Decision } from './decision.ts'
import type { Observation } from './observation.ts'

/**
 * Ask for the proof that is missing, now if it can already be had, else when it can. `from` is the moment from which a
 * LIST would prove something; a GET of `sid` is part of the proof and may come before.
 */
export function proof(
  { now }: Observation,
  sid: string | undefined,
  from: number,
): Pick<Decision, 'effect' | 'next'> {
  const wait = from - now.monotonic
  const next = wait > 0 ? ({ kind: 'after', ms: wait } as const) : ({ kind: 'account' } as const)
  if (wait > 0 && sid === undefined) return { effect: { kind: 'none' }, next }
  return { effect: { kind: 'prove', sid, from }, next }
}
