import { type Condition, type ConditionInput, findCondition, setCondition } from '../../api/condition.ts'
import { FINALIZER } from '../../api/group.ts'
import { cut } from '../../api/status-length.ts'
import type { TwilioAccount, TwilioAccountStatus } from '../../api/twilio-account.ts'
import { installationPart } from '../../external/ownership-mark.ts'
import { holdMessage } from '../../account/hold-message.ts'
import { heldStatus } from '../observe/held-status.ts'
import { approvalOf, standingReady } from '../observe/account-trust.ts'
import type { AccountState } from '../memory/account-registry.ts'
import type { Settings } from '../context.ts'
import { pollFailureMessage } from './poll-failure.ts'
import type { RemainingSinks } from './sinks-of-account.ts'
import { deletionMessage, unownedMessage } from './account-messages.ts'

export interface AccountReading {
  readonly account: TwilioAccount
  readonly entry: AccountState
  /** The last complete LIST is older than three polls. */
  readonly overdue: boolean
  /** What the key has shown ties it to the account that the object names. */
  readonly tied: boolean
  readonly settings: Pick<Settings, 'installationId' | 'watchesAll'>
  /** SIDs that Sinks have recorded. */
  readonly recorded: ReadonlySet<string>
  /** What keeps an account that is being deleted. */
  readonly remaining: RemainingSinks
  /** SIDs of sinks with our mark whose object is not there, in order. */
  readonly unowned: readonly string[]
  readonly wall: number
}

/** The account's status from what is known of it; pure. */
export function accountStatus(reading: AccountReading): TwilioAccountStatus {
  const { account, entry, settings } = reading
  const inputs = [
    ...readyConditions(reading),
    ...heldConditions(reading),
    ...unownedConditions(reading),
    ...deletionConditions(reading),
  ]
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
  unowned,
}: AccountReading): Pick<TwilioAccountStatus, 'sinks'> {
  const { snapshot, limit } = entry
  if (snapshot.lists.length === 0)
    return account.status.sinks === undefined ? {} : { sinks: account.status.sinks }
  const installation = installationPart(settings.installationId)
  const owned = [...snapshot.sinks.values()].filter(
    ({ sink, mark }) => recorded.has(sink.sid) || mark?.installation === installation,
  )
  return { sinks: { total: snapshot.sinks.size, owned: owned.length, limit, unowned: unowned.length } }
}

/** Until a LIST says otherwise, what was said before stands. */
function unownedConditions({ account, entry, unowned, settings }: AccountReading): ConditionInput[] {
  if (entry.snapshot.lists.length === 0) {
    const before = findCondition(account.status.conditions, 'SinksUnowned')
    return before === undefined ? [] : [before]
  }
  if (unowned.length === 0) return []
  const message = unownedMessage(unowned, settings)
  return [{ type: 'SinksUnowned', status: 'True', reason: 'ObjectGone', message }]
}

/** What waits for other objects says for which. */
function deletionConditions({ account, remaining }: AccountReading): ConditionInput[] {
  if (account.metadata.deletionTimestamp === undefined) return []
  const message = deletionMessage(remaining)
  return [{ type: 'DeletionBlocked', status: 'True', reason: 'AccountInUse', message }]
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
    const message = `No LIST at Twilio has succeeded for three polls${causeOf(entry)} Nothing is created or deleted until a LIST succeeds.`
    return [{ type: 'Ready', status: 'Unknown', reason: 'TwilioUnreachable', message }]
  }
  if (isUnanswered(reading)) {
    const message = `No LIST at Twilio has succeeded since these credentials were read, so it is not known whether Twilio accepts them${causeOf(entry)} The operator keeps retrying.`
    return [{ type: 'Ready', status: 'Unknown', reason: 'TwilioUnreachable', message }]
  }
  if (!entry.verified) return []
  const message = `${tied ? TIED : untied(entry)}${entry.finalizerRefused ? FINALIZER_REFUSED : ''}`
  return [{ type: 'Ready', status: 'True', reason: 'Verified', message }]
}

const causeOf = ({ pollFailure }: AccountState): string =>
  pollFailure === undefined ? '.' : `: ${pollFailureMessage(pollFailure)}`

const TIED = 'Twilio accepts the credentials.'
const untied = ({ accountSid }: AccountState): string =>
  `Twilio accepts the key; which account it belongs to has not been seen yet. Make sure that it is ${accountSid}.`
const FINALIZER_REFUSED =
  ` The API server refuses the finalizer ${FINALIZER} on this object, perhaps by an admission policy: let the operator ` +
  'set it, or its Sinks cannot be deleted once this object is gone.'
