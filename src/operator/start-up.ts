import { API_VERSION } from '../api/group.ts'
import type { Cluster, NewObject } from '../kubernetes/cluster.ts'
import type { Logger } from '../observability/logger.ts'
import type { Options } from '../options/options.ts'
import type { ObjectKey } from '../reconciler/ports.ts'
import { backoffMs, type Backoff } from '../time/waiting.ts'
import type { Settings } from '../reconciler/context.ts'
import { pause } from '../time/clock.ts'
import type { Readiness } from './health.ts'

/** Milliseconds between two looks at whether the API server is there. */
const RETRY_DELAY: Backoff = { firstMs: 500, longestMs: 10_000 }
const SYNC_INTERVAL = 20

/** Tries until it works or the process is asked to stop; each failed try is logged with what it waits for. */
export async function retryUntil<T>(
  what: string,
  work: () => Promise<T>,
  log: Logger,
  stop: AbortSignal,
): Promise<T | undefined> {
  for (let tries = 1; !stop.aborted; tries += 1) {
    try {
      return await work()
    } catch (error) {
      log.warn({ err: error, what }, 'The API server does not answer as needed; retrying')
      await pause(backoffMs(RETRY_DELAY, tries), stop)
    }
  }
  return undefined
}

/** A namespace that is refused for so long, in milliseconds, is gone, or its rights are: the others need not wait for it. */
const REFUSED_FOR_GOOD = 10_000

type Stores = Pick<Cluster, 'sinks' | 'accounts'>

/**
 * Resolves when both caches hold everything, which a missing CRD can delay for as long as it is missing; but for namespaces
 * that the API server refuses, unless all are.
 */
export async function synced({ sinks, accounts }: Stores, log: Logger, stop: AbortSignal): Promise<void> {
  const isFilled = (): boolean => sinks.hasSynced(REFUSED_FOR_GOOD) && accounts.hasSynced(REFUSED_FOR_GOOD)
  while (!stop.aborted && !isFilled()) await pause(SYNC_INTERVAL, stop)
  const namespaces = unreadNamespaces({ sinks, accounts })
  if (namespaces.length === 0 || stop.aborted) return
  log.warn(
    { namespaces },
    'The API server refuses watched namespaces; starting without them. Give the operator its rights there, or take them out of --watch-namespaces',
  )
}

/** Watched namespaces that this process has never been able to read. */
export const unreadNamespaces = ({ sinks, accounts }: Stores): readonly string[] =>
  [...new Set([...sinks.unread(), ...accounts.unread()])].filter((namespace) => namespace !== '').sort()

/** Where TwilioAccounts are watched; none: everywhere. */
export function accountNamespacesOf({
  watchNamespaces,
  namespace,
  defaultAccount,
}: Options): readonly string[] {
  if (watchNamespaces.length === 0) return []
  const [defaultNamespace = namespace] = defaultAccount?.split('/') ?? []
  return [...new Set([...watchNamespaces, namespace, defaultNamespace])]
}

/** `namespace/name` of the account for Sinks that name none. */
function defaultAccountOf({ defaultAccount, defaultAccountSid, namespace }: Options): string | undefined {
  return defaultAccountSid === undefined ? defaultAccount : `${namespace}/default`
}

/**
 * One account needs no YAML: the operator puts a TwilioAccount `default` into its own namespace, unless there is one. Of one
 * that is there, the name of its Secret follows the options where nobody else has set it; what differs besides is told.
 */
export async function installDefaultAccount(
  cluster: Pick<Cluster, 'accountInstaller' | 'accounts' | 'events'>,
  options: Options,
  log: Logger,
): Promise<void> {
  const wanted = wantedAccount(options)
  if (wanted === undefined) return
  const account: ObjectKey = `${wanted.metadata.namespace}/${wanted.metadata.name}`
  const installed = await cluster.accountInstaller.install(wanted)
  const differs = installed.outcome === 'applied' ? [] : installed.differs
  // The Secret of another account would only hold everything.
  const follows = differs.includes(SECRET) && !differs.includes(ACCOUNT_SID)
  const changed = follows && (await cluster.accountInstaller.change(wanted, 'credentialsSecretRef'))
  log.info({ account, outcome: changed ? 'changed' : installed.outcome }, 'Default account')
  const left = differs.filter((field) => !changed || field !== SECRET)
  if (left.length === 0) return
  log.warn(
    { account, differs: left },
    'The default account was there before and is left as it is, though the options say otherwise: change it with kubectl',
  )
  emitDiffers(cluster, account, left)
}

const SECRET = 'spec.credentialsSecretRef'
const ACCOUNT_SID = 'spec.accountSid'

function wantedAccount(options: Options): NewObject | undefined {
  const { defaultAccountSid: accountSid, defaultAccountSecret: name, namespace } = options
  const { defaultAccountImports: imports, defaultAccountAllowedNamespaces: allowedNamespaces } = options
  if (accountSid === undefined || name === undefined) return undefined
  return {
    apiVersion: API_VERSION,
    kind: 'TwilioAccount',
    metadata: { namespace, name: 'default' },
    spec: { accountSid, credentialsSecretRef: { name }, allowedNamespaces, imports },
  }
}

/** For who looks at the object and not at the log. */
function emitDiffers(
  { accounts, events }: Pick<Cluster, 'accounts' | 'events'>,
  account: ObjectKey,
  differs: readonly string[],
): void {
  const cached = accounts.get(account)
  if (cached?.readable !== true) return
  const { namespace, name, uid, resourceVersion } = cached.object.metadata
  const about = { kind: 'TwilioAccount', namespace, name, uid, resourceVersion } as const
  events.emit({
    ...about,
    type: 'Warning',
    reason: 'DefaultAccountDiffers',
    action: 'Start',
    note: differsNote(differs),
  })
}

export function differsNote(differs: readonly string[]): string {
  const fixed = differs.includes(ACCOUNT_SID)
    ? `${ACCOUNT_SID} cannot be changed: for another account, create another TwilioAccount and name it in the options. `
    : ''
  return (
    `The options of the operator say otherwise in ${differs.join(', ')}; this object is left as it is. ${fixed}` +
    'Change it with kubectl, or put the options back.'
  )
}

export interface SettingsInput {
  readonly options: Options
  readonly installationId: string
  readonly readiness: Readiness
  readonly cluster: Stores
}

export function settingsOf({ options, installationId, readiness, cluster }: SettingsInput): Settings {
  return {
    installationId,
    poll: options.pollInterval,
    settlingPoll: options.settlingPollInterval,
    settle: options.settleTime,
    callTimeout: options.callTimeout,
    operatorNamespace: options.namespace,
    watchesAll: options.watchNamespaces.length === 0,
    accountNamespaces: accountNamespacesOf(options),
    unreadNamespaces: () => unreadNamespaces(cluster),
    defaultAccount: defaultAccountOf(options),
    // Until then nothing can be proven.
    leadingSince: () => readiness.leadingSince ?? Number.POSITIVE_INFINITY,
  }
}
