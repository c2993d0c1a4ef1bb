import { GROUP } from '../api/group.ts'
import type { Sink } from '../api/sink.ts'

/** With `admissionPolicy.enabled` of the chart the API server refuses to delete a Sink that carries it. */
export const PROTECT_ANNOTATION = `${GROUP}/protect`

/** Whether a policy enforces it is not asked: a person has said that this object is to stay. */
export const isProtected = ({ metadata }: Sink): boolean =>
  metadata.annotations[PROTECT_ANNOTATION] === 'true'

/** For people. */
export const howToUnlock = ({ metadata: { namespace, name } }: Sink): string =>
  `it is protected; if it is to go: kubectl -n ${namespace} annotate sink ${name} ${PROTECT_ANNOTATION}-, then release again`
