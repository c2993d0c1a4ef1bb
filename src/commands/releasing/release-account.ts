import { FINALIZER } from '../../api/group.ts'
import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { LiveObjects } from '../../kubernetes/release-client.ts'
import { throughConflicts } from './let-go.ts'

/** Whether one of the Sinks needs the account: it names it, or its sink is in it. */
export function isNeeded({ metadata, spec }: TwilioAccount, sinks: readonly Sink[]): boolean {
  return sinks.some((sink) => {
    const { accountRef } = sink.spec
    const named =
      (accountRef?.namespace ?? sink.metadata.namespace) === metadata.namespace &&
      (accountRef?.name ?? 'default') === metadata.name
    return named || sink.status.accountSid === spec.accountSid
  })
}

/** The credentials stay in their Secret, which is a person's. */
export async function removeAccount(
  accounts: LiveObjects<TwilioAccount>,
  account: TwilioAccount,
): Promise<void> {
  await throughConflicts(async () => {
    const present = await accounts.read(account)
    if (present === undefined) return
    if (present.metadata.deletionTimestamp === undefined) await accounts.delete(present)
    const leaving = await accounts.read(account)
    if (leaving?.metadata.finalizers.includes(FINALIZER) === true) await accounts.dropFinalizer(leaving)
  })
}
