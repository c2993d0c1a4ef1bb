import type { DemoAct } from './act.ts'
import { deletionBlocked } from './acts/deletion-blocked.ts'
import { descriptionEdited } from './acts/description-edited.ts'
import { destinationRefused } from './acts/destination-refused.ts'
import { driftCorrected } from './acts/drift-corrected.ts'
import { imported } from './acts/imported.ts'
import { killedInCreate } from './acts/killed-in-create.ts'
import { madeAgain } from './acts/made-again.ts'
import { statusMirrored } from './acts/status-mirrored.ts'
import { threeTypes } from './acts/three-types.ts'

/** In this order: each act takes the Sinks as the one before has left them. */
export const SCENARIO: readonly DemoAct[] = [
  threeTypes,
  statusMirrored,
  descriptionEdited,
  destinationRefused,
  driftCorrected,
  madeAgain,
  imported,
  deletionBlocked,
  killedInCreate,
]
