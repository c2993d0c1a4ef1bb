import { MARK_PREFIX } from '../api/group.ts'

export interface ExportedDescription {
  readonly text: string
  /** Why it is not the one at Twilio; undefined: it is. */
  readonly changed: string | undefined
}

/** Of a Sink's `spec.description`, in code points. */
const LONGEST = 200

/** What a Sink can say. Where that is not what Twilio has, the operator would write it there. */
export function exportedDescription(sid: string, description: string): ExportedDescription {
  const text = description.toWellFormed().trim()
  if (text === '') return { text: `Sink ${sid}`, changed: 'it is blank' }
  const unmarked = text.replaceAll(MARK_PREFIX, '(k8s:')
  const cut = [...unmarked].slice(0, LONGEST).join('').trim()
  const reasons = [
    ...(unmarked === text ? [] : [`it contains "${MARK_PREFIX}"`]),
    ...(cut === unmarked ? [] : [`it is longer than ${LONGEST} characters`]),
  ]
  return { text: cut, changed: reasons.length === 0 ? undefined : reasons.join(' and ') }
}
