import { readCredential } from '../../account/credential.ts'
import { emptySnapshot } from '../../account/snapshot.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import { seconds } from '../../api/condition.ts'
import { keyDigest, type KeyDigest } from '../../external/key-digest.ts'
import { recordUsedKey, type AccountState } from '../memory/account-registry.ts'
import { standingReady } from '../observe/account-trust.ts'
import { isOverdue } from '../observe/snapshot-facts.ts'
import { KubernetesFailure } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'

/**
 * Reads the account's Secret as it is now and takes a changed credential into use. A change of key discards the
 * snapshot, since it belongs to the key that read it; a Secret that is gone leaves the last verified credential in memory.
 */
export async function refreshCredential(
  s: ReconcileContext,
  account: TwilioAccount,
  entry: AccountState,
): Promise<void> {
  const { namespace } = account.metadata
  const { name } = account.spec.credentialsSecretRef
  const values = await readSecret(s, namespace, name)
  if (values instanceof KubernetesFailure && values.kind !== 'forbidden') {
    noteUnread(s, account, entry, values)
    return
  }
  entry.secretUnread = false
  entry.secretGone = values === undefined
  if (values instanceof KubernetesFailure) {
    entry.trouble = { reason: 'SecretMissing', message: `${values.message.replace(/\.$/u, '')}. ${again(s)}` }
    return
  }
  if (values === undefined) {
    entry.trouble = {
      reason: 'SecretMissing',
      message: `Secret ${name} does not exist in ${namespace}: create it. ${again(s)}`,
    }
    return
  }
  const reading = readCredential(entry.accountSid, name, values)
  if (reading.kind === 'invalid') {
    entry.trouble = { reason: 'SecretInvalid', message: `${reading.message}. ${again(s)}` }
    return
  }
  use(s, entry, { username: reading.username, password: reading.password })
}

/**
 * The credential that was read last stays in use: whether it is still good, Twilio says. Without one the account says what
 * is missing, but not before that lasts where something was said before: or each moment without an API server would be
 * told to all Sinks.
 */
function noteUnread(
  s: ReconcileContext,
  account: TwilioAccount,
  entry: AccountState,
  failure: KubernetesFailure,
): void {
  const { name } = account.spec.credentialsSecretRef
  const message = `The API server does not give Secret ${name} (${failure.message}). The operator keeps retrying.`
  if (!entry.secretUnread) {
    const fields = { account: entry.name, reason: 'SecretMissing', message }
    s.observer.log('warn', fields, 'The Secret of a TwilioAccount cannot be read')
  }
  entry.secretUnread = true
  if (entry.connection !== undefined) return
  if (isOverdue(s, entry) || standingReady(account, entry) === undefined)
    entry.trouble = { reason: 'SecretMissing', message }
}

/** Tells the person who fixes it how long it takes until it is seen. */
const again = ({ settings }: ReconcileContext): string =>
  `It is read again every ${seconds(settings.settlingPoll)}.`

function use(
  s: ReconcileContext,
  entry: AccountState,
  credential: { username: string; password: string },
): void {
  const before = entry.connection?.credential
  const { reason } = entry.trouble ?? {}
  // The Secret is fixed; whether Twilio agrees shows at the next LIST.
  if (reason === 'SecretMissing' || reason === 'SecretInvalid') entry.trouble = undefined
  if (before?.username === credential.username && before.password === credential.password) return
  const { name, accountSid } = entry
  const key = keyDigest(credential.username)
  const limits = () => limitsGroup(entry, key)
  entry.connection = { credential, key, api: s.connectTwilio({ name, accountSid, limits }, credential) }
  entry.trouble = undefined
  entry.verified = false
  entry.replaced = before !== undefined
  entry.failures = 0
  entry.pollFailure = undefined
  entry.nextListAt = 0
  if (before?.username === credential.username) return
  entry.since = s.clock.monotonic()
  entry.snapshot = emptySnapshot(accountSid, key)
  entry.subscriptionAccounts = new Set()
  entry.listedSids = new Set()
  entry.kin = new Set([key])
  recordUsedKey(entry, key)
  entry.firstListAt = undefined
}

/**
 * Whose limits and pauses the calls share. Of an account of its own until Twilio has accepted the key: or a Secret with
 * the SID of somebody else's key would share theirs. Then with every key that is known to be of the same account.
 */
function limitsGroup({ name, verified, kin, snapshot }: AccountState, key: KeyDigest): string {
  const [first = key] = snapshot.key === key ? [...kin].sort() : []
  return verified ? first : `${name} ${key}`
}

async function readSecret(
  s: ReconcileContext,
  namespace: string,
  name: string,
): Promise<ReadonlyMap<string, string> | KubernetesFailure | undefined> {
  try {
    return await s.cluster.secret(namespace, name, 'twilioaccounts')
  } catch (error) {
    if (error instanceof KubernetesFailure) return error
    throw error
  }
}
