import { join } from 'node:path'
import { findPrograms } from './binaries.ts'
import type { ClusterAddress } from './cluster-access.ts'
import { commandOf, type Command } from './command.ts'

/** Helm against one API server; what it keeps is in the run folder. Rejects when it can neither be found nor built. */
export async function helmFor({ folder, kubeconfigPath }: ClusterAddress): Promise<Command> {
  const path = join(await findPrograms(['helm']), 'helm')
  const env = { KUBECONFIG: kubeconfigPath, ...helmHome(folder) }
  return commandOf({ path, name: 'helm', env, runFolder: folder, withinMs: 300_000 })
}

/** What keeps Helm from reading and writing what is a user's own. */
export function helmHome(folder: string): NodeJS.ProcessEnv {
  const home = join(folder, 'helm-home')
  return {
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_DATA_HOME: join(home, 'data'),
  }
}
