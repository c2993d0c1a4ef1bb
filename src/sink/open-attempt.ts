import type { Observation, OpenAttempt, PresentAccount } from './observation.ts'

/** The account that `status.accountSid`, or an open attempt not yet confirmed absent there, names, if it is not this one. */
export function otherAccount(
  { object, attempts }: Observation,
  account: PresentAccount,
): { readonly accountSid: string; readonly inDoubt: boolean } | undefined {
  const { accountSid } = object.status
  if (accountSid !== undefined && accountSid !== account.accountSid) return { accountSid, inDoubt: false }
  const open = attempts.find((attempt) => attempt.accountSid !== account.accountSid && !attempt.absent)
  return open === undefined ? undefined : { accountSid: open.accountSid, inDoubt: true }
}

/** An attempt of which nothing can be said yet: its sink is not seen, and it is too early to believe that there is none. */
export function unsettledAttempt({ attempts }: Observation): OpenAttempt | undefined {
  return attempts.find((attempt) => !attempt.settled && !attempt.seen)
}

/** An attempt about which the key in use may say nothing: another one has sent it. */
export function unwitnessedAttempt({ attempts }: Observation): OpenAttempt | undefined {
  return attempts.find(({ unwitnessed }) => unwitnessed)
}

/** An attempt whose sink is not seen, settled or not. */
export function unseenAttempt({ attempts }: Observation): OpenAttempt | undefined {
  return attempts.find((attempt) => !attempt.seen && !attempt.absent)
}
