import { whyMissing } from '../../rigs/control-plane/optional-program.ts'

/** Only where Go, which builds them, is missing: why nothing can be installed here. */
export const siteMissing = await whyMissing('helm', 'kwok', 'kube-scheduler', 'kube-controller-manager')
if (siteMissing !== undefined) console.warn(`Nothing is installed in these tests. ${siteMissing}`)
