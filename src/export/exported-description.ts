import { MARK_PREFIX } from '../api/group.ts'

export interface ExportedDescription {
  readonly text: string
  /** Why it is not the one at Twilio; undefined: it is. */
  readonly changed: string | undefined
}

/** Of a Sink's `spec.description`, in code points. */
const LONGEST = 200

/** What the API server refuses in a description. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** What a Sink can say. Where that is not what Twilio has, the operator would write it there. */
export function exportedDescription(sid: string, description: string): ExportedDescription {
  const text = description.toWellFormed().trim()
  if (text === '') return { text: `Sink ${sid}`, changed: 'it is blank' }
  const visible = text.replaceAll(INVISIBLE, ' ').trim()
  if (visible === '') return { text: `Sink ${sid}`, changed: 'it has only invisible characters' }
  const unmarked = visible.replaceAll(MARK_PREFIX, '(k8s:')
  const cut = [...unmarked].slice(0, LONGEST).join('').trim()
  const reasons = [
    ...(visible === text ? [] : ['it contains control characters or invisible characters']),
    ...(unmarked === visible ? [] : [`it contains "${MARK_PREFIX}"`]),
    ...(cut === unmarked ? [] : [`it is longer than ${LONGEST} characters`]),
  ]
  return { text: cut, changed: reasons.length === 0 ? undefined : reasons.join(' and ') }
}
