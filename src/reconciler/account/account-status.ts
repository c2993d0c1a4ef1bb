import { type Condition, type ConditionInput, findCondition, setCondition } from '../../api/condition.ts'
import { FINALIZER } from '../../api/group.ts'
import { cut } from '../../api/status-length.ts'
import type { TwilioAccount, TwilioAccountStatus } from '../../api/twilio-account.ts'
import { installationPart } from '../../external/ownership-mark.ts'
import { holdMessage } from '../../account/hold-message.ts'
import { heldStatus } from '../observe/held-status.ts'
import { approvalOf, standingReady } from '../observe/account-trust.ts'
import type { AccountState } from '../memory/account-registry.ts'
import type { Settings, ReconcileContext } from '../context.ts'
import type { EventType } from '../ports.ts'

export interface AccountReading {
  readonly account: TwilioAccount
  readonly entry: AccountState
  /** The last complete LIST is older than three polls. */
  readonly overdue: boolean
  /** What the key has shown ties it to the account that the object names. */
  readonly tied: boolean
  readonly settings: Pick<Settings, 'installationId'>
  /** SIDs that Sinks have recorded. */
  readonly recorded: ReadonlySet<string>
  readonly wall: number
}

/** The account's status from what is known of it; pure. */
export function accountStatus(reading: AccountReading): TwilioAccountStatus {
  const { account, entry, settings } = reading
  const inputs = [...readyConditions(reading), ...heldConditions(reading)]
  const before = account.status
  const when = { generation: account.metadata.generation, wall: reading.wall }
  const conditions: Condition[] = inputs.map((input) => setCondition(before.conditions, input, when))
  const evaluated = isEvaluated(reading)
  return {
    observedGeneration: evaluated ? account.metadata.generation : before.observedGeneration,
    installationId: cut(installationPart(settings.installationId), 'installationId'),
    keys: entry.snapshot.lists.length === 0 ? before.keys : [...entry.keys],
    ...sinkCounts(reading),
    ...heldItems(reading),
    conditions: evaluated ? conditions : [...keptReady(account), ...conditions],
  }
}

/** Before, nothing is known of this generation, and kstatus would take a status without conditions for current. */
const isEvaluated = (reading: AccountReading): boolean => {
  const { entry, overdue } = reading
  return entry.trouble !== undefined || overdue || entry.verified || isUnanswered(reading)
}

/** Twilio has not answered through these credentials, and what was said before is of others, or is over. */
function isUnanswered({ account, entry }: AccountReading): boolean {
  if (entry.connection === undefined || entry.verified || entry.failures === 0) return false
  const before = findCondition(account.status.conditions, 'Ready')
  return before?.reason !== 'TwilioUnreachable' && standingReady(account, entry) === undefined
}

const keptReady = ({ status }: TwilioAccount): Condition[] =>
  status.conditions.filter(({ type }) => type === 'Ready')

/** Until a LIST has been evaluated, what was said before stands: an approval that a person has set outlives a restart. */
function heldItems({ account, entry }: AccountReading): Pick<TwilioAccountStatus, 'held'> {
  const { hold, snapshot } = entry
  if (snapshot.lists.length === 0)
    return account.status.held === undefined ? {} : { held: account.status.held }
  return hold === undefined ? {} : { held: heldStatus(hold) }
}

function heldConditions({ account, entry, wall }: AccountReading): ConditionInput[] {
  const { hold, snapshot, accountSid } = entry
  if (snapshot.lists.length === 0) {
    const before = findCondition(account.status.conditions, 'ChangesHeld')
    return before === undefined ? [] : [before]
  }
  if (hold?.reason === undefined) return []
  const message = holdMessage(hold, { accountSid, approval: approvalOf(account), now: wall })
  return [{ type: 'ChangesHeld', status: 'True', reason: hold.reason, message }]
}

function sinkCounts({
  account,
  entry,
  settings,
  recorded,
}: AccountReading): Pick<TwilioAccountStatus, 'sinks'> {
  const { snapshot, limit } = entry
  if (snapshot.lists.length === 0)
    return account.status.sinks === undefined ? {} : { sinks: account.status.sinks }
  const installation = installationPart(settings.installationId)
  const owned = [...snapshot.sinks.values()].filter(
    ({ sink, mark }) => recorded.has(sink.sid) || mark?.installation === installation,
  )
  return { sinks: { total: snapshot.sinks.size, owned: owned.length, limit } }
}

function readyConditions(reading: AccountReading): ConditionInput[] {
  const { entry, overdue, tied } = reading
  const { trouble } = entry
  if (trouble !== undefined) {
    const { reason, message } = trouble
    const waiting = reason === 'SecretMissing'
    const outlook = waiting
      ? { type: 'Reconciling', reason: 'DependencyNotReady' }
      : { type: 'Stalled', reason }
    return [
      { type: 'Ready', status: 'False', reason, message },
      { ...outlook, status: 'True', message },
    ]
  }
  if (overdue) {
    const message = 'Twilio has not answered for three polls. Nothing is created or deleted until it does.'
    return [{ type: 'Ready', status: 'Unknown', reason: 'TwilioUnreachable', message }]
  }
  if (isUnanswered(reading)) {
    const message =
      'Twilio has not answered since these credentials were read: whether it accepts them is not known yet. It is asked again and again.'
    return [{ type: 'Ready', status: 'Unknown', reason: 'TwilioUnreachable', message }]
  }
  if (!entry.verified) return []
  const message = `${tied ? TIED : untied(entry)}${entry.finalizerRefused ? FINALIZER_REFUSED : ''}`
  return [{ type: 'Ready', status: 'True', reason: 'Verified', message }]
}

const TIED = 'Twilio accepts the credentials.'
const untied = ({ accountSid }: AccountState): string =>
  `Twilio accepts the key; which account it belongs to has not been seen yet. Make sure that it is ${accountSid}.`
const FINALIZER_REFUSED =
  ` The API server refuses the finalizer ${FINALIZER} on this object, perhaps by an admission policy: let the operator ` +
  'set it, or its Sinks cannot be deleted once this object is gone.'

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
