import { FINALIZER } from '../../api/group.ts'
import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { LiveObjects } from '../../kubernetes/release-client.ts'
import { accountSidOf } from './plan/plan.ts'
import { retryOnConflict } from './suspend.ts'

/** Whether one of the Sinks needs the account: it names it, its sink is in it, or a create was sent there. */
export function isNeeded(account: TwilioAccount, sinks: readonly Sink[]): boolean {
  return sinks.some((sink) => {
    const accountSid = accountSidOf(sink)
    const isThere = accountSid === account.spec.accountSid
    return isThere || isNamed(account, sink) || (accountSid === undefined && mayBeDefault(account, sink))
  })
}

function isNamed(
  { metadata }: TwilioAccount,
  { metadata: { namespace }, spec: { accountRef } }: Sink,
): boolean {
  return (
    (accountRef?.namespace ?? namespace) === metadata.namespace &&
    (accountRef?.name ?? 'default') === metadata.name
  )
}

/** Which account a Sink without a reference uses is an option of the operator, which is not known here. */
const mayBeDefault = ({ metadata, spec }: TwilioAccount, sink: Sink): boolean =>
  sink.spec.accountRef === undefined &&
  (spec.allowedNamespaces.from !== 'Same' || sink.metadata.namespace === metadata.namespace)

/** The credentials stay in their Secret, which is a person's. Resolves with what is still there. */
export async function removeAccount(
  accounts: LiveObjects<TwilioAccount>,
  account: TwilioAccount,
): Promise<TwilioAccount | undefined> {
  return retryOnConflict(async () => {
    const present = await accounts.read(account)
    if (present === undefined) return undefined
    if (present.metadata.deletionTimestamp === undefined) await accounts.delete(present)
    const leaving = await accounts.read(account)
    if (leaving?.metadata.finalizers.includes(FINALIZER) === true) await accounts.dropFinalizer(leaving)
    return accounts.read(account)
  })
}
