import { join } from 'node:path'
import { findPrograms } from './binaries.ts'
import type { ClusterAddress } from './cluster-access.ts'
import { commandOf } from './command.ts'
import type { Command } from './command.ts'

/** Helm against one API server; what it keeps is in the run folder. Rejects when it can neither be found nor built. */
export async function helmFor({ folder, kubeconfigPath }: ClusterAddress): Promise<Command> {
  const path = join(await findPrograms(['helm']), 'helm')
  const home = join(folder, 'helm-home')
  const env = {
    KUBECONFIG: kubeconfigPath,
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_DATA_HOME: join(home, 'data'),
  }
  return commandOf({ path, name: 'helm', env, runFolder: folder, withinMs: 300_000 })
}
