import { readCredential } from '../../account/credential.ts'
import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { ReleaseClient, UnreadableItem } from '../../kubernetes/release-client.ts'
import type { ConnectTwilio, TwilioAccountApi } from '../../reconciler/ports.ts'
import { TwilioFailure } from '../../external/failure.ts'
import { keyDigest } from '../../external/key-digest.ts'
import type { AccountCredential } from '../environment-credential.ts'
import { accountSidOf, type SeenAccount } from './plan.ts'
import type { Scope } from './scope.ts'

/** An account that answers, with what a complete LIST of it showed. */
export interface OpenAccount extends SeenAccount {
  readonly api: TwilioAccountApi
}

export type Opening =
  | { readonly ok: true; readonly account: OpenAccount }
  /** For people. */
  | { readonly ok: false; readonly why: string }

/** Finds for each Sink the account that its sink is in, and lists each account once. */
export interface AccountOpener {
  /** Rejects with a `CommandError` where the marks in an account are not known; no other problem of one account rejects. */
  open(sink: Sink): Promise<Opening>
  /** All that have been opened. */
  opened(): readonly OpenAccount[]
}

export interface AccountOpenerOptions extends Pick<SeenAccount, 'waitedFor'> {
  readonly client: Pick<ReleaseClient, 'secret'>
  /** What its Sinks have recorded proves a key. */
  readonly scope: Pick<Scope, 'sinks' | 'accounts'>
  readonly connect: ConnectTwilio
  readonly fromEnvironment: AccountCredential | undefined
  readonly installationOf: (accountSid: string) => string
}

export function createAccountOpener(options: AccountOpenerOptions): AccountOpener {
  const openings = new Map<string, Promise<Opening>>()
  const opened: OpenAccount[] = []
  const openOnce = async (accountSid: string, candidates: readonly TwilioAccount[]): Promise<Opening> => {
    const opening = await openFirst(accountSid, candidates, options)
    if (opening.ok) opened.push(opening.account)
    return opening
  }
  return {
    open: async (sink) => {
      const candidates = candidatesFor(sink, options.scope.accounts.objects)
      const accountSid = accountSidOf(sink) ?? candidates[0]?.spec.accountSid
      if (accountSid === undefined) return { ok: false, why: whyNone(sink, options) }
      const opening = openings.get(accountSid) ?? openOnce(accountSid, candidates)
      openings.set(accountSid, opening)
      return opening
    },
    opened: () => opened,
  }
}

function whyNone(sink: Sink, { scope }: AccountOpenerOptions): string {
  const { namespace, name } = referenceOf(sink)
  const found = scope.accounts.unreadable.find(({ key }) => key === `${namespace}/${name}`)
  return found === undefined ? 'no TwilioAccount that it refers to exists' : whyUnreadable(found)
}

const whyUnreadable = ({ key, problem }: UnreadableItem<TwilioAccount>): string =>
  `TwilioAccount ${key} cannot be read: ${problem}`

/** Which account a Sink without a reference uses is an option of the operator, which is not known here. */
const referenceOf = ({ metadata, spec: { accountRef } }: Sink) => ({
  namespace: accountRef?.namespace ?? metadata.namespace,
  name: accountRef?.name ?? 'default',
})

export function isNamedBy({ metadata }: TwilioAccount, sink: Sink): boolean {
  const { namespace, name } = referenceOf(sink)
  return metadata.namespace === namespace && metadata.name === name
}

/** The one that it refers to first; any other of the same account will do. */
function candidatesFor(sink: Sink, accounts: readonly TwilioAccount[]): TwilioAccount[] {
  const referred = accounts.filter((account) => isNamedBy(account, sink))
  const wanted = accountSidOf(sink) ?? referred[0]?.spec.accountSid
  return [...new Set([...referred, ...accounts])].filter(({ spec }) => spec.accountSid === wanted)
}

async function openFirst(
  accountSid: string,
  candidates: readonly TwilioAccount[],
  options: AccountOpenerOptions,
): Promise<Opening> {
  const reasons: string[] = []
  for (const candidate of candidates) {
    const opening = await openThrough(candidate, options)
    if (opening.ok) return opening
    reasons.push(opening.why)
  }
  const { fromEnvironment, scope } = options
  if (fromEnvironment?.accountSid === accountSid) return openWith({ ...fromEnvironment, keys: [] }, options)
  const found = scope.accounts.unreadable.find(({ partial }) => partial?.spec.accountSid === accountSid)
  const none = found === undefined ? `no TwilioAccount of ${accountSid} exists` : whyUnreadable(found)
  const why = `${reasons[0] ?? none}; fix that, or give the credentials of ${accountSid} in the environment`
  return { ok: false, why }
}

async function openThrough(
  { metadata, spec: { accountSid, credentialsSecretRef }, status: { keys } }: TwilioAccount,
  options: AccountOpenerOptions,
): Promise<Opening> {
  const { name } = credentialsSecretRef
  const where = `Secret ${metadata.namespace}/${name}`
  const values = await options.client.secret(metadata.namespace, name).catch(() => 'unreadable' as const)
  if (values === 'unreadable') return { ok: false, why: `${where} cannot be read` }
  if (values === undefined) return { ok: false, why: `${where} does not exist` }
  const credential = readCredential(accountSid, name, values)
  if (credential.kind === 'invalid') return { ok: false, why: credential.message }
  return openWith({ accountSid, credential, keys }, options)
}

interface Way extends AccountCredential {
  /** That are known to be of the account. */
  readonly keys: TwilioAccount['status']['keys']
}

async function openWith(
  { accountSid, credential, keys }: Way,
  { connect, scope, waitedFor, installationOf }: AccountOpenerOptions,
): Promise<Opening> {
  const api = connect({ name: accountSid, accountSid, limits: () => accountSid }, credential)
  try {
    const sinks = new Map((await api.listSinks()).sinks.map((sink) => [sink.sid, sink]))
    const [key, digest] = [credential.username, keyDigest(credential.username)]
    const isRecorded = scope.sinks.objects.some(
      ({ status }) => status.accountSid === accountSid && sinks.has(status.sid ?? ''),
    )
    const proven = key === accountSid || isRecorded || keys.some((known) => known.digest === digest)
    const installation = installationOf(accountSid)
    return { ok: true, account: { accountSid, installation, key, digest, proven, sinks, waitedFor, api } }
  } catch (error) {
    if (!(error instanceof TwilioFailure)) throw error
    const why = `Twilio does not show the sinks of ${accountSid} (${error.kind}): ${error.message}`
    return { ok: false, why }
  }
}
