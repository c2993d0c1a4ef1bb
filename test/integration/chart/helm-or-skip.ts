import { whyMissing } from '../../rigs/control-plane/optional-program.ts'

/** Why there is no helm here, said once; undefined where there is. Release archives do not hold it. */
export const helmMissing = await whyMissing('helm')
if (helmMissing !== undefined) console.warn(`The chart is not tested. ${helmMissing}`)
