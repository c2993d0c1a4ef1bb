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
   * Whether the account must stay for them. A Sink whose sink is in another account can do nothing with this one:
   * it would only keep a mistaken account from being taken away again.
   */
  readonly needed: boolean
}

export function sinksOf(
  { sinks, accounts, settings, attempts }: Surroundings,
  name: ObjectKey,
  accountSid: string,
): AccountSinks {
  const found: { key: ObjectKey; sink: Sink }[] = []
  let inDoubt = false
  for (const held of sinks.all()) {
    // A create that was sent to this account and not answered needs it, whatever the Sink refers to by now.
    const ended = held.readable ? (held.object.status.createAttempt ?? 0) : 0
    inDoubt ||= attempts.open(held.key, ended).some((open) => open.accountSid === accountSid)
    if (!held.readable || accountNameOf(held.object, accounts, settings.defaultAccount) !== name) continue
    found.push({ key: held.key, sink: held.object })
  }
  const here = found.filter(({ sink }) => (sink.status.accountSid ?? accountSid) === accountSid)
  const recorded = here.flatMap(({ sink }) => sink.status.sid ?? [])
  return {
    keys: found.map(({ key }) => key),
    sinks: found,
    recorded: new Set(recorded),
    needed: here.length > 0 || inDoubt,
  }
}
