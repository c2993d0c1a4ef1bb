import type { Decision } from '../../../src/sink/decision.ts'
import type { Observation } from '../../../src/sink/observation.ts'
import type { State } from '../../../src/sink/state.ts'

/** One promise, over every observation. Returns what is wrong, or undefined. */
export interface Rule {
  readonly name: string
  readonly broken: (seen: {
    readonly o: Observation
    readonly state: State
    readonly decision: Decision
  }) => string | undefined
}
