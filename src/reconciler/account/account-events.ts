import type { TwilioAccount } from '../../api/twilio-account.ts'
import { findCondition } from '../../api/condition.ts'
import type { EventType } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'

/** By the reason of Ready. */
const READY_EVENTS: Readonly<Record<string, string>> = {
  Unauthorized: 'CredentialsRefused',
  Forbidden: 'CredentialsRefused',
  AccountMismatch: 'AccountMismatch',
  SecretMissing: 'SecretMissing',
  SecretInvalid: 'InvalidValue',
}

/** One event per change: what is wrong with the credentials, and that changes are held or no longer are. */
export function emitAccountEvents(
  s: ReconcileContext,
  { metadata, status: before }: TwilioAccount,
  after: TwilioAccount['status'],
): void {
  const { namespace, name, uid, resourceVersion } = metadata
  const about = { kind: 'TwilioAccount', namespace, name, uid, resourceVersion } as const
  const emit = (type: EventType, reason: string, note: string) => {
    s.events.emit({ ...about, type, reason, action: 'Verify', note })
  }
  const ready = changed('Ready', before, after)
  const eventReason = READY_EVENTS[ready?.reason ?? '']
  if (ready !== undefined && eventReason !== undefined) emit('Warning', eventReason, ready.message)
  const held = changed('ChangesHeld', before, after)
  if (held !== undefined) emit('Warning', 'ChangesHeld', held.message)
  if (isTrue('ChangesHeld', before) && !isTrue('ChangesHeld', after))
    emit('Normal', 'ChangesReleased', NO_LONGER_HELD)
}

export const NO_LONGER_HELD =
  'Changes are no longer held: what was missing is back, or a person has released it.'

/** The condition, where it gives another reason than before. */
function changed(type: string, before: TwilioAccount['status'], after: TwilioAccount['status']) {
  const condition = findCondition(after.conditions, type)
  return findCondition(before.conditions, type)?.reason === condition?.reason ? undefined : condition
}

const isTrue = (type: string, { conditions }: TwilioAccount['status']): boolean =>
  findCondition(conditions, type)?.status === 'True'
