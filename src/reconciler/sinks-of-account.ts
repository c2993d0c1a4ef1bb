import type { Sink } from '../api/sink.ts'
import type { TwilioAccount } from '../api/twilio-account.ts'
import type { AccountEntry } from './account-entry.ts'
import { accountNameOf, mayRefer } from './account-of-sink.ts'
import type { ObjectKey } from './ports.ts'
import type { Surroundings } from './surroundings.ts'

/** The Sinks that refer to an account. */
export interface AccountSinks {
  readonly keys: readonly ObjectKey[]
  readonly sinks: readonly { readonly key: ObjectKey; readonly sink: Sink }[]
  /** SIDs that they have recorded under this account. */
  readonly recorded: ReadonlySet<string>
  /**
   * Whether the account must stay for them. A Sink whose sink is in another account, or may have come of a create there,
   * can do nothing with this one: it would only keep a mistaken account from being taken away again. Nor can one that
   * may not refer to it: or everybody could keep the account of somebody else from being deleted.
   */
  readonly needed: boolean
}

export function sinksOf(
  { sinks, accounts, settings, attempts }: Surroundings,
  account: TwilioAccount,
  { name, accountSid, labelled }: Pick<AccountEntry, 'name' | 'accountSid' | 'labelled'>,
): AccountSinks {
  const found: { key: ObjectKey; sink: Sink; here: boolean }[] = []
  let inDoubt = false
  for (const held of sinks.all()) {
    const ended = held.readable ? (held.object.status.createAttempt ?? 0) : 0
    const open = attempts.open(held.key, ended)
    // A create that this process has sent through the account needs it, whatever the Sink refers to by now.
    inDoubt ||= open.some(({ through }) => through === name)
    if (!held.readable || accountNameOf(held.object, accounts, settings.defaultAccount) !== name) continue
    const asked = open.map((attempt) => attempt.accountSid)
    const { metadata, status } = held.object
    const may = mayRefer(account, metadata.namespace, labelled)
    inDoubt ||= may && asked.includes(accountSid)
    const [first = accountSid] = asked
    found.push({
      key: held.key,
      sink: held.object,
      here: may && (status.accountSid ?? first) === accountSid,
    })
  }
  const here = found.filter((one) => one.here)
  const recorded = here.flatMap(({ sink }) => sink.status.sid ?? [])
  return {
    keys: found.map(({ key }) => key),
    sinks: found,
    recorded: new Set(recorded),
    needed: here.length > 0 || inDoubt,
  }
}
