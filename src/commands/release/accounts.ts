import { readCredential } from '../../account/credential.ts'
import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { UnreadableItem, ReleaseClient } from '../../kubernetes/release-client.ts'
import type { ConnectTwilio, Credential, TwilioAccountApi } from '../../reconciler/ports.ts'
import { accountSidOf, type SeenAccount } from './plan/plan.ts'
import { TwilioFailure } from '../../external/failure.ts'
import { keyDigest } from '../../external/key-digest.ts'
import type { AccountCredential } from '../environment-credential.ts'

/** An account that answers, with what a complete LIST of it showed. */
export interface OpenAccount {
  readonly seen: SeenAccount
  readonly api: TwilioAccountApi
}

export type Opening =
  | { readonly ok: true; readonly account: OpenAccount }
  /** For people. */
  | { readonly ok: false; readonly why: string }

/** Finds for each Sink the account that its sink is in. Never rejects because of a problem of one account. */
export interface AccountOpener {
  open(sink: Sink): Promise<Opening>
  /** All that have been opened. */
  opened(): readonly OpenAccount[]
}

export interface AccountOpenerOptions {
  readonly client: Pick<ReleaseClient, 'secret'>
  readonly accounts: readonly TwilioAccount[]
  readonly unreadableAccounts: readonly UnreadableItem<TwilioAccount>[]
  /** Of the scope: what they have recorded proves a key. */
  readonly sinks: readonly Sink[]
  readonly connect: ConnectTwilio
  readonly fromEnvironment: AccountCredential | undefined
}

export function createAccountOpener(options: AccountOpenerOptions): AccountOpener {
  const openings = new Map<string, Promise<Opening>>()
  const opened: OpenAccount[] = []
  return {
    open: async (sink) => {
      const candidates = candidatesFor(sink, options.accounts)
      const accountSid = accountSidOf(sink) ?? candidates[0]?.spec.accountSid
      if (accountSid === undefined) return { ok: false, why: whyNone(sink, options) }
      const before = openings.get(accountSid)
      const opening = before ?? openFirst(accountSid, candidates, options)
      openings.set(accountSid, opening)
      const outcome = await opening
      if (before === undefined && outcome.ok) opened.push(outcome.account)
      return outcome
    },
    opened: () => opened,
  }
}

function whyNone(sink: Sink, { unreadableAccounts }: AccountOpenerOptions): string {
  const { namespace, name } = referenceOf(sink)
  const found = unreadableAccounts.find(({ key }) => key === `${namespace}/${name}`)
  return found === undefined ? 'no TwilioAccount that it refers to exists' : whyUnreadable(found)
}

const whyUnreadable = ({ key, problem }: UnreadableItem<TwilioAccount>): string =>
  `TwilioAccount ${key} cannot be read: ${problem}`

const referenceOf = ({ metadata, spec: { accountRef } }: Sink) => ({
  namespace: accountRef?.namespace ?? metadata.namespace,
  name: accountRef?.name ?? 'default',
})

/** The one that it refers to first; any other of the same account will do. */
function candidatesFor(sink: Sink, accounts: readonly TwilioAccount[]): TwilioAccount[] {
  const { namespace, name } = referenceOf(sink)
  const referred = accounts.filter(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
  )
  const wanted = accountSidOf(sink) ?? referred[0]?.spec.accountSid
  const same = accounts.filter(({ spec }) => spec.accountSid === wanted)
  return [
    ...referred.filter((account) => same.includes(account)),
    ...same.filter((one) => !referred.includes(one)),
  ]
}

async function openFirst(
  accountSid: string,
  candidates: readonly TwilioAccount[],
  options: AccountOpenerOptions,
): Promise<Opening> {
  const reasons: string[] = []
  for (const candidate of candidates) {
    const credential = await credentialOf(candidate, options)
    const opening =
      typeof credential === 'string'
        ? { ok: false as const, why: credential }
        : await openWith(accountSid, { credential, keys: candidate.status.keys }, options)
    if (opening.ok) return opening
    reasons.push(opening.why)
  }
  const { fromEnvironment } = options
  if (fromEnvironment?.accountSid === accountSid)
    return openWith(accountSid, { credential: fromEnvironment.credential, keys: [] }, options)
  const found = options.unreadableAccounts.find(({ partial }) => partial?.spec.accountSid === accountSid)
  const [why = found === undefined ? `no TwilioAccount of ${accountSid} exists` : whyUnreadable(found)] =
    reasons
  return { ok: false, why: `${why}; fix that, or give the credentials of ${accountSid} in the environment` }
}

/** A text says what is wrong. */
async function credentialOf(
  { metadata, spec }: TwilioAccount,
  { client }: AccountOpenerOptions,
): Promise<Credential | string> {
  const { name } = spec.credentialsSecretRef
  const where = `Secret ${metadata.namespace}/${name}`
  const values = await client.secret(metadata.namespace, name).catch(() => 'unreadable' as const)
  if (values === 'unreadable') return `${where} cannot be read`
  if (values === undefined) return `${where} does not exist`
  const read = readCredential(spec.accountSid, name, values)
  return read.kind === 'invalid' ? read.message : { username: read.username, password: read.password }
}

async function openWith(
  accountSid: string,
  { credential, keys }: { readonly credential: Credential; readonly keys: TwilioAccount['status']['keys'] },
  { connect, sinks }: AccountOpenerOptions,
): Promise<Opening> {
  const api = connect({ name: accountSid, accountSid, limits: () => accountSid }, credential)
  try {
    const listed = new Map((await api.listSinks()).sinks.map((sink) => [sink.sid, sink]))
    const key = credential.username
    const recorded = sinks.some(
      ({ status }) => status.accountSid === accountSid && status.sid !== undefined && listed.has(status.sid),
    )
    const digest = keyDigest(key)
    const known = keys.some((one) => one.digest === digest)
    const proven = key === accountSid || known || recorded
    return { ok: true, account: { api, seen: { accountSid, key, digest, proven, sinks: listed } } }
  } catch (error) {
    if (!(error instanceof TwilioFailure)) throw error
    return {
      ok: false,
      why: `Twilio does not show the sinks of ${accountSid} (${error.kind}): ${error.message}`,
    }
  }
}
