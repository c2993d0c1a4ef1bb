import type { Sink } from '../api/sink.ts'
import type { AccountFacts, CredentialFacts } from '../sink/observation.ts'
import type { AccountEntry } from './account-entry.ts'
import { accountNameOf, isAllowed, mayImport, readable } from './account-of-sink.ts'
import type { Surroundings } from './surroundings.ts'

export interface AccountView {
  readonly facts: AccountFacts
  /** Present with `facts.kind` `present`. */
  readonly entry: AccountEntry | undefined
}

/** The account that the Sink refers to, as its tables see it. */
export async function viewAccount(s: Surroundings, sink: Sink): Promise<AccountView> {
  const name = accountNameOf(sink, s.accounts, s.settings.defaultAccount)
  const account = readable(s.accounts.get(name))
  if (account === undefined) return { facts: { kind: 'missing', name }, entry: undefined }
  const { namespace } = sink.metadata
  if (!(await isAllowed(account, namespace, s.cluster))) {
    return { facts: { kind: 'not-allowed', name }, entry: undefined }
  }
  const entry = s.directory.ensure(name, account.spec.accountSid, s.clock.monotonic())
  const facts: AccountFacts = {
    kind: 'present',
    name,
    accountSid: account.spec.accountSid,
    deleting: account.metadata.deletionTimestamp !== undefined,
    credential: credentialOf(entry),
    held: undefined,
    importsAllowed: mayImport(account, namespace),
  }
  return { facts, entry }
}

function credentialOf({ trouble, secretGone, verified, connection }: AccountEntry): CredentialFacts {
  if (trouble === undefined) return { state: 'usable' }
  if (secretGone && verified && connection !== undefined)
    return { state: 'remembered', message: trouble.message }
  return { state: 'unusable', ...trouble }
}
