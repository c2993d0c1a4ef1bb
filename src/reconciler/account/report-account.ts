import { isDeepStrictEqual } from 'node:util'
import { findCondition } from '../../api/condition.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import { installationPart } from '../../external/ownership-mark.ts'
import type { ReconcileContext } from '../context.ts'
import type { AccountState } from '../memory/account-registry.ts'
import { preconditions } from '../metadata-patch.ts'
import { isOverdue } from '../observe/snapshot-facts.ts'
import type { ObjectKey } from '../ports.ts'
import { emitAccountEvents, emitFirstFailure, logAccountTrouble } from './account-events.ts'
import { accountStatus } from './account-status.ts'
import { isTied } from './evaluate-account.ts'
import type { Polled } from './poll-account.ts'
import type { AccountSinks } from './sinks-of-account.ts'

export interface AccountNews {
  readonly entry: AccountState
  readonly sinks: AccountSinks
  readonly polled: Polled | undefined
}

/** Status, events and log lines: one word for one trouble in all of them. */
export async function reportAccount(s: ReconcileContext, name: ObjectKey, news: AccountNews): Promise<void> {
  const cached = s.accounts.get(name)
  if (cached?.readable !== true) return
  const account = cached.object
  const { entry, polled } = news
  const status = statusAfter(s, account, news)
  logAccountTrouble(s, entry, status)
  if (!isSame(status, account.status)) {
    const write = { op: 'add', path: '/status', value: status } as const
    await s.accounts.patchStatus(name, [...preconditions(account.metadata), write])
    emitAccountEvents(s, account, status)
  }
  const { reason } = findCondition(status.conditions, 'Ready') ?? {}
  if (polled?.kind === 'failed' && reason !== 'TwilioUnreachable') emitFirstFailure(s, account, entry)
}

const statusAfter = (
  s: ReconcileContext,
  account: TwilioAccount,
  { entry, sinks }: AccountNews,
): TwilioAccount['status'] =>
  accountStatus({
    account,
    entry,
    overdue: isOverdue(s, entry),
    tied: isTied(s, entry),
    settings: s.settings,
    recorded: sinks.recorded,
    remaining: sinks.remaining,
    unowned: unownedSinks(s, entry),
    wall: s.clock.now(),
  })

/** SIDs of sinks with our mark that no object here has. What an object has recorded, or may have made, is not among them. */
function unownedSinks(
  { settings, names, index }: ReconcileContext,
  { snapshot }: AccountState,
): readonly string[] {
  const ours = installationPart(settings.installationId)
  const unowned = [...snapshot.sinks.values()].filter(
    ({ sink, mark }) =>
      mark?.installation === ours &&
      names.keyOfMark(mark.object) === undefined &&
      index.claims(sink.sid).every(({ kind }) => kind !== 'recorded'),
  )
  return unowned.map(({ sink }) => sink.sid).sort()
}

/** As the API server stores them: absent and undefined are the same. */
const isSame = (one: object, other: object): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)))
