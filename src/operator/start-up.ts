import { API_VERSION } from '../api/group.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { Logger } from '../observability/logger.ts'
import type { Options } from '../options/options.ts'
import { backoffMs, type Backoff } from '../time/waiting.ts'
import { pause } from '../time/clock.ts'

/** Milliseconds between two looks at whether the API server is there. */
const RETRY_DELAY: Backoff = { firstMs: 500, longestMs: 10_000 }
const SYNC_INTERVAL = 20

/** Tries until it works or the process is asked to stop; says once what it waits for. */
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

/** Resolves when both caches hold everything, which a missing CRD can delay for as long as it is missing. */
export async function synced({ sinks, accounts }: Cluster, stop: AbortSignal): Promise<void> {
  while (!stop.aborted && !(sinks.hasSynced() && accounts.hasSynced())) {
    await pause(SYNC_INTERVAL, stop)
  }
}

/** `namespace/name` of the account for Sinks that name none. */
export function defaultAccountOf({
  defaultAccount,
  defaultAccountSid,
  namespace,
}: Options): string | undefined {
  return defaultAccountSid === undefined ? defaultAccount : `${namespace}/default`
}

/** One account needs no YAML: the operator puts a TwilioAccount `default` into its own namespace, unless there is one. */
export async function installDefaultAccount(
  { accountInstaller }: Cluster,
  options: Options,
  log: Logger,
): Promise<void> {
  const { defaultAccountSid: accountSid, defaultAccountSecret: name, namespace } = options
  const { defaultAccountImports: imports, defaultAccountAllowedNamespaces: allowedNamespaces } = options
  if (accountSid === undefined || name === undefined) return
  const account = `${namespace}/default`
  const installed = await accountInstaller.install({
    apiVersion: API_VERSION,
    kind: 'TwilioAccount',
    metadata: { namespace, name: 'default' },
    spec: { accountSid, credentialsSecretRef: { name }, allowedNamespaces, imports },
  })
  const { outcome } = installed
  log.info({ account, outcome }, 'Default account')
  if (outcome === 'applied' || installed.differs.length === 0) return
  log.warn(
    { account, differs: installed.differs },
    'The default account was there before and is left as it is, though the options say otherwise: change it with kubectl',
  )
}
