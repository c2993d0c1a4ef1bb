/**
 * Longest text of each status field, in code points as the API server counts them.
 * One text too long refuses the whole status write, and the SID with it: whatever comes from outside is cut first.
 */
export const STATUS_MAX_LENGTH = {
  sid: 64,
  accountSid: 64,
  sinkType: 64,
  sinkStatus: 64,
  url: 512,
  dateCreated: 64,
  dateUpdated: 64,
  subscription: 64,
  notComparable: 64,
  lastHandledReconcileAt: 256,
  requestedAt: 256,
  testId: 256,
  result: 256,
  installationId: 64,
  keyDigest: 64,
  keySince: 64,
  heldKind: 64,
  heldId: 512,
  heldSince: 64,
  conditionType: 316,
  conditionStatus: 16,
  lastTransitionTime: 64,
  reason: 1024,
  message: 4096,
} as const

export type StatusText = keyof typeof STATUS_MAX_LENGTH

/** The text as it fits into the status field; what was cut off shows as an ellipsis. Never splits a character. */
export function cut(text: string, field: StatusText): string {
  const max = STATUS_MAX_LENGTH[field]
  const whole = text.toWellFormed()
  if (whole.length <= max) return whole
  const characters = [...whole]
  if (characters.length <= max) return whole
  return `${characters.slice(0, max - 1).join('')}…`
}
