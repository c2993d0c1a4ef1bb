import type { Sink } from '../api/sink.ts'
import { accountNameOf } from './account-of-sink.ts'
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
   * can do nothing with this one: it would only keep a mistaken account from being taken away again.
   */
  readonly needed: boolean
}

export function sinksOf(
  { sinks, accounts, settings, attempts }: Surroundings,
  name: ObjectKey,
  accountSid: string,
): AccountSinks {
  const found: { key: ObjectKey; sink: Sink; here: boolean }[] = []
  let inDoubt = false
  for (const held of sinks.all()) {
    // A create that was sent to this account and not answered needs it, whatever the Sink refers to by now.
    const ended = held.readable ? (held.object.status.createAttempt ?? 0) : 0
    const asked = attempts.open(held.key, ended).map((open) => open.accountSid)
    inDoubt ||= asked.includes(accountSid)
    if (!held.readable || accountNameOf(held.object, accounts, settings.defaultAccount) !== name) continue
    const [first = accountSid] = asked
    found.push({
      key: held.key,
      sink: held.object,
      here: (held.object.status.accountSid ?? first) === accountSid,
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
