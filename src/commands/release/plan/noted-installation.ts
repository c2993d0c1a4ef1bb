import type { PartialAccount } from '../../../api/twilio-account.ts'

/**
 * What the operators have noted that stands in their marks in an account at Twilio: more than one where several of them
 * use the same account. What a TwilioAccount of the scope says goes before all others.
 */
export function notedInstallations(
  accounts: readonly PartialAccount[],
  accountSid: string,
  isInScope: (account: Pick<PartialAccount, 'metadata'>) => boolean,
): readonly string[] {
  const same = accounts.filter(({ spec }) => spec.accountSid === accountSid)
  const [here, all] = [same.filter(isInScope), same].map((some) => [
    ...new Set(some.flatMap(({ status }) => status.installationId ?? [])),
  ])
  return here !== undefined && here.length > 0 ? here : (all ?? [])
}
