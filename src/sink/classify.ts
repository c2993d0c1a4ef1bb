import { classifyDeleting } from './classify-deleting.ts'
import { classifyLiving } from './classify-living.ts'
import type { Observation } from './observation.ts'
import type { State } from './state.ts'

/** Which of the two tables speaks is decided before anything else is looked at. */
export function classify(o: Observation): State {
  return o.object.deleting ? classifyDeleting(o) : classifyLiving(o)
}
