import { type Condition, findCondition } from '../../api/condition.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { ReconcileContext } from '../context.ts'
import type { AccountState } from '../memory/account-registry.ts'
import type { EventType } from '../ports.ts'
import { pollFailureMessage, refusesCredentials } from './poll-failure.ts'

/**
 * The Warning that tells of a condition of a TwilioAccount, by `type: reason`. The names are older than the reasons, and
 * people match on both; docs/events.md shows the pairs, and a test keeps the two equal.
 */
export const ACCOUNT_WARNINGS: Readonly<Record<string, string>> = {
  'Ready: AccountMismatch': 'AccountMismatch',
  'Ready: Unauthorized': 'CredentialsRefused',
  'Ready: Forbidden': 'CredentialsRefused',
  'Ready: SecretInvalid': 'InvalidValue',
  'Ready: InvalidValue': 'InvalidValue',
  'Ready: SecretMissing': 'SecretMissing',
  'Ready: TwilioUnreachable': 'TwilioUnreachable',
  'ChangesHeld: UnprovenCredential': 'ChangesHeld',
  'ChangesHeld: MassDisappearance': 'ChangesHeld',
  'ChangesHeld: SeenInAnotherAccount': 'ChangesHeld',
  'SinksUnowned: ObjectGone': 'SinksUnowned',
  'DeletionBlocked: AccountInUse': 'DeletionBlocked',
}

/** The conditions that tell of a trouble. */
const TOLD = ['Ready', 'ChangesHeld', 'SinksUnowned', 'DeletionBlocked'] as const

export const warningOf = ({ type, reason }: Pick<Condition, 'type' | 'reason'>): string | undefined =>
  ACCOUNT_WARNINGS[`${type}: ${reason}`]

type Status = TwilioAccount['status']

/** One event per change: what is wrong, and that changes are no longer held. */
export function emitAccountEvents(s: ReconcileContext, account: TwilioAccount, after: Status): void {
  const before = account.status
  for (const type of TOLD) {
    const condition = findCondition(after.conditions, type)
    const event = condition && warningOf(condition)
    if (condition === undefined || event === undefined || !isNews(type, before, after)) continue
    emit(s, account, { type: 'Warning', reason: event, note: condition.message })
  }
  if (isTrue('ChangesHeld', before) && !isTrue('ChangesHeld', after))
    emit(s, account, { type: 'Normal', reason: 'ChangesReleased', note: NO_LONGER_HELD })
}

/** The condition waits for three polls, since an outage must not turn everything red; whoever looks need not wait. */
export function emitFirstFailure(s: ReconcileContext, account: TwilioAccount, entry: AccountState): void {
  const { failures, pollFailure } = entry
  if (failures !== 1 || pollFailure === undefined || refusesCredentials(pollFailure)) return
  const note = `The sinks could not be listed at Twilio: ${pollFailureMessage(pollFailure)}`
  emit(s, account, { type: 'Warning', reason: 'TwilioUnreachable', note })
}

interface AccountEvent {
  readonly type: EventType
  readonly reason: string
  readonly note: string
}

function emit({ events }: ReconcileContext, { metadata }: TwilioAccount, event: AccountEvent): void {
  const { namespace, name, uid, resourceVersion } = metadata
  events.emit({ kind: 'TwilioAccount', namespace, name, uid, resourceVersion, action: 'Verify', ...event })
}

export const NO_LONGER_HELD =
  'Changes are no longer held: what was missing is back, or a person has approved them.'

/** Another reason than before; of the sinks without object, other ones too. */
function isNews(type: string, before: Status, after: Status): boolean {
  const [old, now] = [findCondition(before.conditions, type), findCondition(after.conditions, type)]
  if (old?.reason !== now?.reason) return true
  return type === 'SinksUnowned' && (after.sinks?.unowned ?? 0) > (before.sinks?.unowned ?? 0)
}

const isTrue = (type: string, { conditions }: Status): boolean =>
  findCondition(conditions, type)?.status === 'True'

/** One line for each trouble when this process first sees it, also after a restart, and one when it is over. */
export function logAccountTrouble({ observer }: ReconcileContext, entry: AccountState, after: Status): void {
  const { name: account, loggedTroubles } = entry
  for (const type of TOLD) {
    const condition = findCondition(after.conditions, type)
    const trouble = condition !== undefined && warningOf(condition) !== undefined ? condition : undefined
    const before = loggedTroubles.get(type)
    if (before === trouble?.reason) continue
    if (trouble === undefined) {
      loggedTroubles.delete(type)
      observer.log(
        'info',
        { account, condition: type, reason: before },
        'A trouble of a TwilioAccount is over',
      )
      continue
    }
    loggedTroubles.set(type, trouble.reason)
    const { reason, message } = trouble
    observer.log('warn', { account, condition: type, reason, message }, 'A TwilioAccount is in trouble')
  }
}
